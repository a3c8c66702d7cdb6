// fetch_canister_logs: who may read the log of a canister, and which records an answer holds.
import { ok, refuse } from '@tamc/base/result';
import type { Infer } from '../codec/candid.ts';
import { type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister, CanisterLog } from '../state/canister.ts';
import { isController, isVisible } from './access.ts';
import { logsResponseBytesMax } from './limits.ts';
import { recordBytes } from './log-store.ts';
import { defineCanisterRead } from './method.ts';
import { fetchCanisterLogsArgs, fetchCanisterLogsResult } from './types.ts';

export const fetchCanisterLogs = defineCanisterRead({
  name: 'fetch_canister_logs',
  argument: fetchCanisterLogsArgs,
  result: fetchCanisterLogsResult,
  ingress: false,
  canisters: true,
  queries: true,
  // The setting decides, not a fixed rule.
  access: 'anyone',
  target: (argument) => argument.canister_id,
  read: ({ caller, argument, canister }) => {
    const refusal = refusalOfReading(canister, caller);
    if (refusal !== null) return refuse(refusal);
    const records = selectLogs(canister.logs, argument.filter, logsResponseBytesMax);
    const values = records.map(({ index, timestampNs, content }) => ({
      idx: index,
      timestamp_nanos: timestampNs,
      content,
    }));
    return ok({ canister_log_records: values });
  },
});

function refusalOfReading(canister: Canister, caller: Principal): Reject | null {
  if (isController(canister, caller) || isVisible(canister.settings.logVisibility, caller)) return null;
  const text = `Caller ${principalToText(caller)} is not allowed to access canister logs`;
  return createReject('canisterRejectedMessage', text);
}

type Filter = NonNullable<Infer<typeof fetchCanisterLogsArgs>['filter']>;

/** Too many: without a filter the newest are told, with a filter the oldest, so that a reader can page forward. */
export function selectLogs(logs: readonly CanisterLog[], filter: Filter | null, bytesMax: number): CanisterLog[] {
  if (filter === null) return takeWithin([...logs].reverse(), bytesMax).reverse();
  const { start, end } = filter.value;
  const key = (record: CanisterLog) => (filter.tag === 'by_idx' ? record.index : record.timestampNs);
  return takeWithin(
    logs.filter((record) => key(record) >= start && key(record) < end),
    bytesMax,
  );
}

function takeWithin(logs: readonly CanisterLog[], bytesMax: number): CanisterLog[] {
  let bytes = 0;
  const past = logs.findIndex((record) => {
    bytes += recordBytes(record);
    return bytes > bytesMax;
  });
  return past === -1 ? [...logs] : logs.slice(0, past);
}
