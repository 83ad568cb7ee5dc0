/** What one sentence of the specification asks of whom, and the test that holds it. */
export interface Requirement {
  /** Section and number: `A2A-3.1.2-2`; `P-7` for a numbered point of what goes wrong elsewhere. */
  id: string;
  /** MUST stands for MUST NOT, REQUIRED and SHALL too; SHOULD for SHOULD NOT and RECOMMENDED. */
  level: 'MUST' | 'SHOULD';
  /** The section that says it. */
  link: string;
  /** In words of our own. */
  says: string;
  /** `agent`: who writes an executor. `operator`: who runs a server. `spec`: who writes bindings and documents. */
  binds: 'server' | 'client' | 'agent' | 'operator' | 'spec';
  /** `file › name of the test`; a file without a path is one of this folder. */
  tests: readonly string[];
  /** Why no test of ours can hold it. Only where `tests` is empty. */
  reason?: string;
  /** Why it does not hold yet. Its tests are registered with `test.fails`, so that a mended fault turns them red. */
  gap?: string;
}

type Row = Omit<Requirement, 'link' | 'tests'> & { tests?: readonly string[] };

/** The rows of one section, named by its anchor. */
export function section(anchor: string, rows: readonly Row[]): Requirement[] {
  const link = `https://a2a-protocol.org/v1.0.0/specification/#${anchor}`;
  return rows.map((row) => ({ ...row, link, tests: row.tests ?? [] }));
}
