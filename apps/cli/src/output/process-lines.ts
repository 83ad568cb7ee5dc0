/** A node's process tree on the screen: its own processes, and its agents on other nodes under PIDs of their own. */
import type { FullProcessTree, ProcessBranch } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutName, cutTo } from './text-width.ts';
import { formatBytes } from './words.ts';

export function processLines(tree: FullProcessTree, nameOf: (id: string) => string, terminal: Terminal): string[] {
  return tree.roots
    .flatMap((root, index) => lines(root, '', index === tree.roots.length - 1, nameOf, terminal))
    .map((line) => cutTo(line, terminal.width));
}

function lines(
  branch: ProcessBranch,
  margin: string,
  isLast: boolean,
  nameOf: (id: string) => string,
  terminal: Terminal,
): string[] {
  const { color, width } = terminal;
  const pid = branch.kind === 'remote' ? color.cyan(String(branch.pid)) : String(branch.pid);
  const label = cutName(oneLine(branch.label), width);
  const where = branch.kind === 'remote' ? color.dim(` on ${cutName(nameOf(branch.nodeId), width)}`) : '';
  const used = color.dim(`${formatDuration(branch.cpuMs)} cpu · ${formatBytes(branch.memoryBytes)}`);
  const twig = color.dim(isLast ? '└─' : '├─');
  const inner = `${margin}${isLast ? '   ' : color.dim('│  ')}`;
  return [
    `${margin}${twig} ${pid}  ${label}${where}  ${used}`,
    ...branch.children.flatMap((child, index) =>
      lines(child, inner, index === branch.children.length - 1, nameOf, terminal),
    ),
  ];
}
