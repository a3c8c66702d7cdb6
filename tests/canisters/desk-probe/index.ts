// The simulated desk as it is, and questions more: what it keeps.
import Desk, { layout } from '@tamc/simulated-desk/index';
import { StoreProbe } from '../store-probe.ts';

export { layout };

export default [Desk, StoreProbe];
