/** What is happening, one line a step. A terminal sees the step under way and then how it went; a pipe sees how it went. */
import type { Terminal } from '../output/terminal.ts';

export interface Step {
  done(words: string): void;
  failed(): void;
}

export function startStep(words: string, { out, isTty, color }: Terminal): Step {
  if (isTty) out(`  ${color.dim(`· ${words} …`)}`);
  const end = (mark: string, told: string) => out(`${isTty ? '\r\u001b[K' : ''}  ${mark} ${told}\n`);
  return {
    done: (told) => end(color.green('✓'), told),
    failed: () => end(color.red('✗'), `${words}: that failed`),
  };
}
