// The registry as it is, and questions more: what it keeps.
import Registry, { layout } from '@tamc/registry/index';
import { StoreProbe } from '../store-probe.ts';

export { layout };

export default [Registry, StoreProbe];
