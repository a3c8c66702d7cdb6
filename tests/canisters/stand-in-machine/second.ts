// What an upgrade may become.
import { layoutOf, standIn } from './stand-in.ts';

export const layout = layoutOf('second');

export default standIn('second');
