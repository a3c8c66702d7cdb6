// …/read_state: a certificate over the paths asked for, if the sender may read all of them.
import { anonymous, managementCanister, type Principal } from '../codec/principal.ts';
import { admitReadState } from './admission.ts';
import type { Core, Path } from './core.ts';
import { parseReadStateEnvelope } from './envelope.ts';
import { checkPaths } from './read-permissions.ts';
import { createCborResponse, type HttpResponse, type Refusal, refusalToResponse } from './response.ts';
import { checkSubnet, isHosted, refuseUnhosted, type Target } from './target.ts';

export async function answerReadState(core: Core, target: Target, body: Uint8Array): Promise<HttpResponse> {
  const envelope = parseReadStateEnvelope(body);
  if (!envelope.ok) return refusalToResponse(envelope.error);
  const { paths, sender } = envelope.value.content;
  const misdirected = checkReadTarget(core, target, paths, sender);
  if (misdirected !== null) return refusalToResponse(misdirected);
  const admitted = admitReadState(core, envelope.value);
  if (!admitted.ok) return refusalToResponse(admitted.error);
  const forbidden = checkPaths(core, { ...admitted.value, target }, paths);
  if (forbidden !== null) return refusalToResponse(forbidden);
  return createCborResponse({ certificate: await core.certificate(paths) });
}

function checkReadTarget({ subnet }: Core, target: Target, paths: readonly Path[], sender: Principal): Refusal | null {
  if (target.scope === 'subnet') return checkSubnet(subnet, target.id);
  if (isHosted(subnet, target.id)) return null;
  const canBeRead = (path: Path) => {
    const isFor = readAnywhere[rootOf(path)];
    return isFor === 'everybody' || (isFor === 'anonymous' && sender === anonymous) || isFor === target.id;
  };
  return paths.length > 0 && paths.every(canBeRead) ? null : refuseUnhosted(subnet, target.id);
}

/**
 * What does not depend on a canister, and where clients go for it: for the fate of a request to whatever address a
 * canister was created at; for the time, when they set their clock, to that or to a ledger that may not be here; for the
 * nodes, when they check an answer of `list_canisters`, to the management canister.
 */
const readAnywhere: Readonly<Record<string, 'everybody' | 'anonymous' | Principal | undefined>> = {
  request_status: 'everybody',
  time: 'anonymous',
  subnet: managementCanister,
};

function rootOf([first]: Path): string {
  return first === undefined ? '' : Buffer.from(first).toString('latin1');
}
