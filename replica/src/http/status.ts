// GET /api/v2/status: what clients read before anything else. `root_key` must be there on a development network
// (SPEC/https-interface, Status endpoint).
import type { Core } from './core.ts';
import { createCborResponse, type HttpResponse } from './response.ts';

/** The version of the interface specification that this replica follows. */
export const interfaceVersion = '0.66.0';

export async function answerStatus(core: Core, replicaVersion: string): Promise<HttpResponse> {
  return createCborResponse({
    ic_api_version: interfaceVersion,
    impl_version: replicaVersion,
    // It answers only once its state is loaded, so whoever can ask gets a healthy one.
    replica_health_status: 'healthy',
    root_key: await core.subnet.rootKey(),
  });
}
