/** The namespaces that this node takes part in: those that ship, and those that its program registers. */
import { StateNamespaceName } from '@skein/contracts';
import { type Logger, silentLogger } from '@skein/contracts/runtime';
import { firstIssue } from '../directives/directive-message.ts';
import { SwarmError } from '../errors.ts';
import type { StateNamespace } from './namespace.ts';
import { shippedNamespaces } from './shipped-namespaces.ts';

/** A namespace with its defaults filled in. */
export interface NamespaceRules extends StateNamespace {
  readonly name: StateNamespaceName;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxValueBytes: number;
}

export interface Namespaces {
  /** Adds one, or replaces what is said of it. Errors: INVALID_ARGUMENT. */
  register(name: string, namespace: StateNamespace): void;
  find(name: string): NamespaceRules | undefined;
  /** Errors: UNKNOWN_NAMESPACE. */
  require(name: string): NamespaceRules;
  /** In the order of names. */
  list(): NamespaceRules[];
}

const DEFAULTS = { maxEntries: 1_000, maxBytes: 4_194_304, maxValueBytes: 65_536 } as const;
/** An entry has to fit into a directive, and beside others. */
const LARGEST_VALUE_BYTES = 262_144;

export function createNamespaces({ logger = silentLogger }: { logger?: Logger } = {}): Namespaces {
  const registered = new Map<string, NamespaceRules>();

  /** Whoever cannot say whether an entry is welcome has not said that it is. */
  function guarded(name: string, namespace: StateNamespace): NonNullable<StateNamespace['refuse']> {
    return (entry, sender) => {
      try {
        return namespace.refuse?.(entry, sender);
      } catch (cause) {
        logger.error('a namespace could not judge an entry', { namespace: name, key: entry.key, cause });
        return 'check_failed';
      }
    };
  }

  function register(word: string, namespace: StateNamespace): void {
    const name = StateNamespaceName.safeParse(word);
    if (!name.success) throw new SwarmError('INVALID_ARGUMENT', `${JSON.stringify(word)}: ${firstIssue(name.error)}`);
    const { maxEntries, maxBytes, maxValueBytes } = { ...DEFAULTS, ...namespace };
    for (const [field, bound] of Object.entries({ maxEntries, maxBytes, maxValueBytes }))
      if (!Number.isSafeInteger(bound) || bound < 1)
        throw new SwarmError('INVALID_ARGUMENT', `${word}: ${field} must be a whole number above zero`);
    if (maxValueBytes > LARGEST_VALUE_BYTES)
      throw new SwarmError(
        'INVALID_ARGUMENT',
        `${word}: maxValueBytes must be at most ${LARGEST_VALUE_BYTES}, so that a value fits into a directive`,
      );
    registered.set(name.data, {
      ...{ name: name.data, maxEntries, maxBytes, maxValueBytes },
      refuse: guarded(name.data, namespace),
      onMerged: (entries, sender) => namespace.onMerged?.(entries, sender),
    });
  }

  for (const [name, namespace] of Object.entries(shippedNamespaces)) register(name, namespace);

  return {
    register,
    find: (name) => registered.get(name),
    require(name) {
      const rules = registered.get(name);
      if (rules) return rules;
      const known = [...registered.keys()].sort().join(', ');
      throw new SwarmError('UNKNOWN_NAMESPACE', `this node has no namespace ${name}; it has ${known}`, {
        metadata: { namespace: name },
      });
    },
    list: () => [...registered.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
