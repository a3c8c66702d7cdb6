// All tools, in the order in which one would use them; hosts show them like this. Adding one is one file and one line here.
import type { Tool } from '../tool.ts';
import { machineTool } from './machine.ts';
import { machinesTool } from './machines.ts';
import { networkTool } from './network.ts';
import { requestsTool } from './requests.ts';
import { statementTool } from './statement.ts';

export const tools: readonly Tool[] = [networkTool, machinesTool, machineTool, statementTool, requestsTool];
