/** A sealed node gives out nothing new. What it gave out before can still be cancelled, here if nowhere else. */
import type { OwnEligibility } from '../membership/own-eligibility.ts';
import type { Sender } from './sender.ts';

type Intake = Pick<Sender, 'submit' | 'submitMany' | 'cancel'>;

/** Errors of submitting: NODE_SEALED. */
export function openSender(sender: Intake, own: Pick<OwnEligibility, 'requireOpen'>): Intake {
  return {
    async submit(directive) {
      own.requireOpen();
      return sender.submit(directive);
    },
    async submitMany(directives) {
      own.requireOpen();
      return sender.submitMany(directives);
    },
    cancel: sender.cancel,
  };
}
