/** A node's eligibility in words: what was decided, who decided it and why, and what became of the work. */
import type { DrainFate, EligibilityNote, EligibilityView } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { coloredStatus } from './words.ts';

/** `node-3 is drained; 2 finished, 3 interrupted, 1 waits` */
export function eligibilityWords(view: EligibilityView, name: string, { color }: Terminal, nowMs: number): string {
  const { eligibility, note, running, applied, fate } = view;
  const state = eligibility === 'eligible' ? color.green('eligible') : coloredStatus(eligibility, color);
  const words = [`${name} is ${state}`];
  if (running !== null && running > 0) words.push(`${running} still running`);
  if (fate) words.push(fateWords(fate));
  if (eligibility === 'draining' && note?.deadlineAt)
    words.push(`until ${formatDuration(Math.max(0, Date.parse(note.deadlineAt) - nowMs))} from now`);
  if (applied === 'here')
    words.push('it does not answer: the decision stands here and reaches it with its next heartbeat');
  return words.join('; ');
}

export const fateWords = ({ finished, interrupted, waiting }: DrainFate): string =>
  `${finished} finished, ${interrupted} interrupted, ${waiting} ${waiting === 1 ? 'waits' : 'wait'}`;

/** `“a new disk”, decided by node-1 5 min ago, until 4 min from now` */
export function noteWords(note: EligibilityNote, nameOf: (id: string) => string, nowMs: number): string {
  const { reason, actor, origin, since, deadlineAt, force } = note;
  const left = deadlineAt === null ? 0 : Date.parse(deadlineAt) - nowMs;
  const parts = [
    reason === null ? '' : `“${oneLine(reason)}”`,
    origin === 'shutdown' ? 'it is stopping' : `decided by ${nameOf(actor)}`,
    `${formatDuration(Math.max(0, nowMs - Date.parse(since)))} ago`,
    force ? 'by force' : '',
    left > 0 ? `what runs has ${formatDuration(left)} left` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
