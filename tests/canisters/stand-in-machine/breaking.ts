// Would break clients of `pay`.
import { layoutOf, standIn } from './stand-in.ts';

export const layout = layoutOf('breaking');

export default standIn('breaking');
