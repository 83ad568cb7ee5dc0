/** A node's eligibility in words: what was decided, who decided it and why, and what became of the work. */
import type { DrainFate, EligibilityView } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { ago, coloredStatus } from './words.ts';

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

/** `“a new disk”, decided by node-1, 5 min ago, what runs has 4 min left`; undefined where nobody decided anything. */
export function noteWords(
  { note, eligibility }: Pick<EligibilityView, 'note' | 'eligibility'>,
  nameOf: (id: string) => string,
  nowMs: number,
): string | undefined {
  if (!note) return undefined;
  const { reason, actor, origin, since, deadlineAt, force } = note;
  const left = deadlineAt === null || eligibility !== 'draining' ? 0 : Date.parse(deadlineAt) - nowMs;
  const parts = [
    reason === null ? '' : `“${oneLine(reason)}”`,
    origin === 'shutdown' ? 'because it stops' : `decided by ${nameOf(actor)}`,
    ago(since, nowMs),
    force ? 'by force' : '',
    left > 0 ? `what runs has ${formatDuration(left)} left` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
