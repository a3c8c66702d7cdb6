// Whether a canister exists, asked of the network itself. Not read from the state tree: the client library misjudges proofs of
// absence there where ids do not differ in one byte alone.
import { ok, type Result } from '@tamc/base/result';
import type { CallError, Management } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';

/** The reject code of the specification for a destination that is not there. */
const destinationInvalid = 3;

/** True also for one that obeys others only. */
export async function isThere(management: Management, id: PrincipalHex): Promise<Result<boolean, CallError>> {
  const running = await management.isRunning(id);
  if (running.ok) return ok(true);
  if (running.error.kind !== 'rejected') return running;
  return ok(running.error.rejectCode !== destinationInvalid);
}
