// What a machine tells its registry when its operation has passed to somebody else.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

export const operatorChangedMethod = 'operator_changed';

export const OperatorChangedType = IDL.Record({
  operator: IDL.Principal,
  /** The first, the second of this machine: whatever comes late does not undo what came after it. */
  handover: IDL.Nat32,
});

export interface CandidOperatorChanged {
  readonly operator: Principal;
  readonly handover: number;
}
