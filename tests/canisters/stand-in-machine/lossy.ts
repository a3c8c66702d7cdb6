// Would lose the field `by` of its notes.
import { layoutOf, standIn } from './stand-in.ts';

export const layout = layoutOf('lossy');

export default standIn('lossy');
