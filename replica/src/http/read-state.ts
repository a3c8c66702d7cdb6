// …/read_state: a certificate over the paths asked for, if the sender may read all of them.
import { managementCanister } from '../codec/principal.ts';
import { admitReadState } from './admission.ts';
import type { Core, Path } from './core.ts';
import { parseReadStateEnvelope } from './envelope.ts';
import { checkPaths } from './read-permissions.ts';
import { createCborResponse, type HttpResponse, type Refusal, refusalToResponse } from './response.ts';
import { checkSubnet, isHosted, refuseUnhosted, type Target } from './target.ts';

export async function answerReadState(core: Core, target: Target, body: Uint8Array): Promise<HttpResponse> {
  const envelope = parseReadStateEnvelope(body);
  if (!envelope.ok) return refusalToResponse(envelope.error);
  const { paths } = envelope.value.content;
  const misdirected = checkReadTarget(core, target, paths);
  if (misdirected !== null) return refusalToResponse(misdirected);
  const admitted = admitReadState(core, envelope.value);
  if (!admitted.ok) return refusalToResponse(admitted.error);
  const forbidden = checkPaths(core, { ...admitted.value, target }, paths);
  if (forbidden !== null) return refusalToResponse(forbidden);
  return createCborResponse({ certificate: await core.certificate(paths) });
}

/**
 * The time and the fate of one's own requests do not depend on a canister: clients ask for the first at a ledger that
 * may not be here when they set their clock, and for the second at whatever address a canister was created.
 */
function checkReadTarget({ subnet }: Core, target: Target, paths: readonly Path[]): Refusal | null {
  if (target.scope === 'subnet') return checkSubnet(subnet, target.id);
  if (target.id === managementCanister || isHosted(subnet, target.id) || paths.every(isUnscoped)) return null;
  return refuseUnhosted(subnet, target.id);
}

function isUnscoped([first]: Path): boolean {
  const root = first === undefined ? '' : Buffer.from(first).toString('latin1');
  return root === 'time' || root === 'request_status';
}
