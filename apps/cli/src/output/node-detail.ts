/** One node with all that is known of it here: what it is, what it can, whether it may be given work, how well it is. */
import type { EligibilityView, HealthCheck, HealthGrade, NodeHealth, NodeView } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { fateWords, noteWords } from './eligibility-words.ts';
import { formatTable } from './table.ts';
import { type Colors, oneLine, type Terminal } from './terminal.ts';
import { ago, coloredStatus, count, moment } from './words.ts';

interface NodeFacts {
  node: NodeView;
  eligibility: EligibilityView;
  health: NodeHealth;
}

export function nodeDetail(
  { node, eligibility, health }: NodeFacts,
  nameOf: (id: string) => string,
  terminal: Terminal,
  nowMs: number,
): string {
  const { color } = terminal;
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`);
  const beat = node.lastHeartbeatAt === null ? '' : `, last beat ${ago(node.lastHeartbeatAt, nowMs)}`;
  const rows: [string, string][] = [
    ['id', node.id],
    ['status', `${coloredStatus(node.status, color)}${beat}`],
    ['eligibility', eligibilityFact(eligibility, nameOf, nowMs)],
    ['group', node.group ?? '–'],
    ['tier', node.tier],
    ['labels', labels.join(', ') || '–'],
    ['capabilities', node.capabilities.join(', ') || '–'],
    ['kinds', node.kinds.join(', ') || '–'],
    ['capacity', `${count(node.capacity)} at once`],
    ['addresses', node.addresses.join(', ') || '–'],
    ['life', `${node.incarnation}, known here since ${moment(node.joinedAt, nowMs)}`],
    ['health', coloredGrade(health.grade, color)],
  ];
  const name = color.bold(oneLine(node.name)) + (node.isSelf ? color.dim(' (this)') : '');
  // The status alone is coloured here, and by us: everything else is others' words.
  const facts = rows.map(([title, value]) => {
    const shown = title === 'status' || title === 'health' ? value : oneLine(value);
    return `  ${color.dim(title.padEnd(14))}${shown}`;
  });
  const checks = health.checks.length === 0 ? [] : [checksTable(health.checks, terminal)];
  return `${[name, ...facts, ...checks].join('\n')}\n`;
}

function eligibilityFact(view: EligibilityView, nameOf: (id: string) => string, nowMs: number): string {
  const { eligibility, running, fate } = view;
  const why = noteWords(view, nameOf, nowMs);
  const parts = [
    why === undefined ? eligibility : `${eligibility}: ${why}`,
    running !== null && running > 0 ? `${running} still running` : '',
    fate ? fateWords(fate) : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function checksTable(checks: readonly HealthCheck[], terminal: Terminal): string {
  const rows = checks.map(({ name, grade, value, unit, warning, critical }) => [
    oneLine(name),
    coloredGrade(grade, terminal.color),
    value === null ? '–' : valueWords(value, unit),
    `warning from ${valueWords(warning, unit)}, critical from ${valueWords(critical, unit)}`,
  ]);
  return formatTable(['figure', 'grade', 'now', 'thresholds'], rows, terminal, { indent: 4, right: [2] });
}

function valueWords(value: number, unit: HealthCheck['unit']): string {
  if (unit === 'ms') return formatDuration(value);
  return unit === '%' ? `${Math.round(value)} %` : count(value);
}

function coloredGrade(grade: HealthGrade, color: Colors): string {
  switch (grade) {
    case 'ok':
      return color.green(grade);
    case 'warning':
      return color.yellow(grade);
    case 'critical':
      return color.red(grade);
    case 'unknown':
      return color.dim(grade);
    default:
      return grade satisfies never;
  }
}
