// The public face of the stack: what puts the parts together and builds canisters for them.
export { createReplica, type Replica } from '@tamc/replica';
export { type BuiltCanister, buildCanister } from './azle/build.ts';
export { type BuildProblem, renderProblem } from './azle/problem.ts';
export { type Configuration, defaultConfiguration } from './deploy/configuration.ts';
export { createCanister, type Deployment, deploy, deployFolder } from './deploy/deploy-folder.ts';
export { type DeployedWorld, type DeployWorldOptions, deployWorld } from './deploy/deploy-world.ts';
export { buildModules, type Modules } from './deploy/deployment.ts';
export {
  type AssistantServerOptions,
  type ConnectionWorldOptions,
  connectionToWorld,
  createAssistantHandler,
  createAssistantServer,
} from './mcp/assistant-server.ts';
export { findRoot } from './root.ts';
export * from './town/index.ts';
export type { Places } from './world/places.ts';
