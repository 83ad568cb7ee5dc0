import type { AgentCard, AgentExtension, Message } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { ServedRequest } from './http/served-request.ts';
import type { MessageHandler } from './message-handler.ts';
import type { CallContext } from './principal.ts';

/**
 * A method of an extension. It may throw A2AError or ApplicationError; anything else is an internal error without its
 * text.
 */
export interface ExtensionMethod {
  /** Whether an anonymous caller may use it. @default false */
  public?: boolean;
  handle(params: unknown, context: CallContext): Promise<unknown>;
}

/** Something that the server speaks beyond A2A, declared in its card and switched on by the caller for each request. */
export interface ServerExtension {
  uri: string;
  description?: string;
  /** Whether a caller that does not activate it is turned away. @default false */
  required?: boolean;
  /** Public parameters for the card. */
  params?: Record<string, unknown>;
  /** JSON-RPC methods on the same endpoint: without activation they do not exist. */
  methods?: Record<string, ExtensionMethod>;
  /** Takes the messages that carry the extension's URI in `extensions` or as a key of `metadata`. */
  messages?: MessageHandler;
}

/** The card as it is published: with every extension that the server has, each once. */
export function withExtensions(card: AgentCard, extensions: readonly ServerExtension[]): AgentCard {
  if (extensions.length === 0) return card;
  const ours = new Set(extensions.map(({ uri }) => uri));
  const others = (card.capabilities.extensions ?? []).filter(({ uri }) => !ours.has(uri));
  const declared = extensions.map(
    ({ uri, description, required = false, params }): AgentExtension => ({
      uri,
      ...(required && { required }), // false is protobuf's default, which a signature's canonical form leaves out
      ...(description !== undefined && { description }),
      ...(params && { params }),
    }),
  );
  return { ...card, capabilities: { ...card.capabilities, extensions: [...others, ...declared] } };
}

/** What a request switched on, and how the answer says so: v0.3 has another name for the header. */
export interface Activated {
  readonly extensions: ReadonlySet<string>;
  readonly echo: Readonly<Record<string, string>>;
}

const none: Activated = { extensions: new Set(), echo: {} };

/** The declared extensions that the request asks for, by comma separated URIs. Unknown ones are passed over. */
export function activatedExtensions(
  request: Pick<ServedRequest, 'header'>,
  declared: readonly AgentExtension[],
): Activated {
  const named = request.header('a2a-extensions');
  const asked = named ?? request.header('x-a2a-extensions');
  if (asked === undefined) return none;
  const uris = new Set(asked.split(',').map((uri) => uri.trim()));
  const extensions = new Set(declared.map(({ uri }) => uri).filter((uri) => uris.has(uri)));
  if (extensions.size === 0) return none;
  const name = named === undefined ? 'X-A2A-Extensions' : 'A2A-Extensions';
  return { extensions, echo: { [name]: [...extensions].join(', ') } };
}

/** The extension that takes this message, if one does. A message marked for an extension that is off is refused. */
export function extensionOf(
  message: Message,
  extensions: readonly ServerExtension[],
  activated: ReadonlySet<string>,
): ServerExtension | undefined {
  if (extensions.length === 0) return undefined;
  const marked = extensions.filter(
    ({ uri }) => message.extensions?.includes(uri) || Object.hasOwn(message.metadata ?? {}, uri),
  );
  const off = marked.find(({ uri }) => !activated.has(uri));
  if (off) {
    throw new A2AError('INVALID_PARAMS', 'The message carries an extension that the A2A-Extensions header left out', {
      metadata: { extension: off.uri },
    });
  }
  return marked.find(({ messages }) => messages);
}
