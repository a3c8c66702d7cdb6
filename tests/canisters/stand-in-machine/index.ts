// What the registry installs first.
import { layoutOf, standIn } from './stand-in.ts';

export const layout = layoutOf('first');

export default standIn('first');
