// Creation on the main network, paid from the deployer's cycles. Its time is taken once per attempt: a repetition that the client
// makes because an answer was lost is recognised by the ledger.
import type { Result } from '@tamc/base/result';
import { type CallError, type Connection, createByCyclesLedger } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';

export function createOnMain(
  connection: Connection,
  cycles: bigint,
  subnet: PrincipalHex | null,
): Promise<Result<PrincipalHex, CallError>> {
  return createByCyclesLedger(connection, cycles, BigInt(Date.now()) * 1_000_000n, subnet);
}
