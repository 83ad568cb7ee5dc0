export type { Decorators } from './compose.ts';
export { runNodeProcess } from './node-process.ts';
