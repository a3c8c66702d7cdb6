// The seed of every network that was not given one, and the root key that follows from it: written down, because
// computing it takes longer than the whole rest of a start. Anybody can sign with it; it protects nothing.
export const developmentSeed = 'the autonomous machine cloud, on a laptop';
export const developmentRootKey =
  '308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100acf46189b24738c5' +
  'c5f46532e18f29c8e73eabec26b1b9887d29cbc7cc3dc809bce467ea9e778a73e77baefd3767de1a158456a74a' +
  '6bc6ae755d08e396034fa5254674800726d324b06f3ffc9dd4b775a005b927481bb653de8e7c0a91f3562c';
