// The public face of the stack: what puts the parts together and builds canisters for them.
export { type BuiltCanister, buildCanister } from './azle/build.ts';
export { type BuildProblem, renderProblem } from './azle/problem.ts';
export { createCanister, type Deployment, deploy, deployFolder } from './deploy/deploy-folder.ts';
export { findRoot } from './root.ts';
