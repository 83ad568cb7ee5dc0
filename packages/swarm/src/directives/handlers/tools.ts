/** The tools that the host program has registered, by name. */
import { SwarmError } from '../../errors.ts';
import type { Tool } from './tool.ts';

export interface ToolRegistry {
  /** Adds a tool, or replaces the one of that name. Errors: INVALID_ARGUMENT. */
  register(name: string, tool: Tool): void;
  has(name: string): boolean;
  find(name: string): Tool | undefined;
  /** In the order of names. */
  list(): { name: string; description: string | undefined }[];
}

const MAX_NAME = 255;

export function createToolRegistry(): ToolRegistry {
  const tools = new Map<string, Tool>();
  return {
    register(name, tool) {
      if (name.length === 0 || name.length > MAX_NAME)
        throw new SwarmError('INVALID_ARGUMENT', `a tool's name has 1 to ${MAX_NAME} characters`);
      if (typeof tool.run !== 'function' || typeof tool.input?.safeParseAsync !== 'function')
        throw new SwarmError('INVALID_ARGUMENT', `the tool ${name} needs an input schema of zod and a function run`);
      tools.set(name, tool);
    },
    has: (name) => tools.has(name),
    find: (name) => tools.get(name),
    list: () =>
      [...tools].map(([name, { description }]) => ({ name, description })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
