// Methods of the specification that this replica does not have (yet), each with the reason its callers are told.
import { createReject, type Reject } from '../errors.ts';

const outcalls = 'canisters of this network cannot reach web servers yet';
const keys = 'this network holds no threshold keys yet';
const snapshots = 'snapshots of canisters cannot be taken, moved or loaded yet';
const bitcoin = 'the specification deprecates it; call the Bitcoin canister, which this network does not host';

/** `ingress`: users may call it, where it is offered. */
export const notOffered: Readonly<Record<string, { readonly reason: string; readonly ingress: boolean }>> = {
  http_request: { reason: outcalls, ingress: false },
  flexible_http_request: { reason: outcalls, ingress: false },
  ecdsa_public_key: { reason: keys, ingress: false },
  sign_with_ecdsa: { reason: keys, ingress: false },
  schnorr_public_key: { reason: keys, ingress: false },
  sign_with_schnorr: { reason: keys, ingress: false },
  vetkd_public_key: { reason: keys, ingress: false },
  vetkd_derive_key: { reason: keys, ingress: false },
  take_canister_snapshot: { reason: snapshots, ingress: true },
  load_canister_snapshot: { reason: snapshots, ingress: true },
  read_canister_snapshot_metadata: { reason: snapshots, ingress: true },
  read_canister_snapshot_data: { reason: snapshots, ingress: true },
  upload_canister_snapshot_metadata: { reason: snapshots, ingress: true },
  upload_canister_snapshot_data: { reason: snapshots, ingress: true },
  list_canister_snapshots: { reason: snapshots, ingress: true },
  delete_canister_snapshot: { reason: snapshots, ingress: true },
  bitcoin_get_balance: { reason: bitcoin, ingress: false },
  bitcoin_get_utxos: { reason: bitcoin, ingress: false },
  bitcoin_send_transaction: { reason: bitcoin, ingress: false },
  bitcoin_get_current_fee_percentiles: { reason: bitcoin, ingress: false },
  bitcoin_get_block_headers: { reason: bitcoin, ingress: false },
};

export function isNotOffered(method: string): boolean {
  return Object.hasOwn(notOffered, method);
}

/** Null for methods that are offered and for those nobody knows. */
export function refusalOfNotOffered(method: string): Reject | null {
  if (!isNotOffered(method)) return null;
  const text = `ic00 method ${method} is not offered by this network: ${notOffered[method]!.reason}.`;
  return createReject('canisterRejectedMessage', text);
}
