// Traps when it is upgraded to.
import { layoutOf, standIn } from './stand-in.ts';

export const layout = layoutOf('trapping');

export default standIn('trapping');
