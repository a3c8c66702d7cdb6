// Shell: the owner's key, opened by the passphrase for one command and kept nowhere. Wrong words change nothing.
import type { Ed25519KeyIdentity } from '@tamc/client';
import { askPassphrase, givenPassphrase } from '../world/passphrase.ts';
import type { People } from '../world/people.ts';
import { CommandFailure } from './failure.ts';

/** A slip of the finger is forgiven; who guesses must start the command anew each time. */
const triesMax = 3;

export async function unsealAsOwner(people: People): Promise<Ed25519KeyIdentity> {
  if (people.owner() === null) throw new CommandFailure('There is no owner here yet.', 'Run `npx tamc owner`.');
  // What stands in the environment does not change between tries.
  const tries = givenPassphrase() === null ? triesMax : 1;
  for (let left = tries; left > 0; left--) {
    const passphrase = await askPassphrase("Owner's passphrase: ");
    if (!passphrase.ok) throw new CommandFailure('The passphrase is needed for this.', passphrase.error);
    const opened = await people.unsealOwner(passphrase.value);
    if (opened.ok) return opened.value;
    if (left > 1) console.error(`${opened.error} ${left - 1} more ${left === 2 ? 'try' : 'tries'}.`);
    else
      throw new CommandFailure(opened.error, 'Nothing was changed. Look for it where you wrote it down at the start.');
  }
  throw new CommandFailure('The passphrase was wrong.', 'Nothing was changed.');
}
