/** Agents as their home tells of them, in pages that a peer's endpoint takes. */
import type { AgentReport, AgentResult, AgentView } from '@skein/contracts';

/** As many as one call may hold. */
const MAX_REPORTS = 100;
/** An endpoint takes bodies of 1 MiB. A page stays well below, whatever one agent said. */
const MAX_PAGE_BYTES = 524_288;
const MAX_RESPONSE_BYTES = 262_144;

/** The first of these that fit into one call, and never none. */
export function reportPage(agents: readonly AgentView[]): AgentReport[] {
  const page: AgentReport[] = [];
  let bytes = 0;
  for (const agent of agents.slice(0, MAX_REPORTS)) {
    const report = toReport(agent);
    bytes += bytesOf(report);
    if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
    page.push(report);
  }
  return page;
}

function toReport({ nodeId: _home, spawnedBy: _spawner, result, ...agent }: AgentView): AgentReport {
  return { ...agent, result: result && withinLimit(result) };
}

/** The whole of a long answer stays at home; the spawner has its beginning, and is told so. */
function withinLimit(result: AgentResult): AgentResult {
  let { response } = result;
  for (let bytes = bytesOf(response); bytes > MAX_RESPONSE_BYTES; bytes = bytesOf(response))
    response = response.slice(0, Math.floor(response.length * 0.95 * (MAX_RESPONSE_BYTES / bytes)));
  return response === result.response ? result : { ...result, response, truncated: true };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
