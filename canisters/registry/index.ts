// The registry as a canister: Candid in, a rule, Candid out. What may happen is decided in the rules beside this file.
import { RegistryMethods } from './methods.ts';
import { registryTables } from './state.ts';

/** What stable memory holds, for the check before an upgrade: the build puts it into the module. */
export const layout = registryTables.layoutText();

export default RegistryMethods;
