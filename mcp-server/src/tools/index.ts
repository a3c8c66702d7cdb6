// All tools, in the order in which one would use them; hosts show them like this. Adding one is one file and one line here.
import type { Tool } from '../tool.ts';
import { birthsTool } from './births.ts';
import { commandTool } from './commands.ts';
import { controlTool } from './control.ts';
import { createMachinesTool } from './create-machines.ts';
import { enrolDeviceTool } from './enrol-device.ts';
import { machineTool } from './machine.ts';
import { machinesTool } from './machines.ts';
import { setMandateTool } from './mandates.ts';
import { networkTool } from './network.ts';
import { orderTool } from './orders.ts';
import { payTool } from './payments.ts';
import { requestsTool } from './requests.ts';
import { statementTool } from './statement.ts';
import { stopTool } from './stop.ts';
import { setTariffTool } from './tariff.ts';

export const tools: readonly Tool[] = [
  networkTool,
  machinesTool,
  machineTool,
  statementTool,
  requestsTool,
  createMachinesTool,
  birthsTool,
  enrolDeviceTool,
  setTariffTool,
  setMandateTool,
  orderTool,
  payTool,
  commandTool,
  controlTool,
  stopTool,
];
