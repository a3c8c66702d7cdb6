// All tools, in the order in which one would use them; hosts show them like this. Adding one is one file and one line here.
import type { Tool } from '../tool.ts';
import { commandTool } from './commands.ts';
import { controlTool } from './control.ts';
import { createMachinesTool } from './create-machines.ts';
import { deployTool } from './deployments.ts';
import { enrolDeviceTool } from './enrol-device.ts';
import { fundTool } from './funds.ts';
import { jobTool } from './jobs.ts';
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
import { timeTool } from './time.ts';
import { topUpTool } from './top-ups.ts';
import { upgradeTool } from './upgrades.ts';

export const tools: readonly Tool[] = [
  networkTool,
  machinesTool,
  machineTool,
  statementTool,
  requestsTool,
  createMachinesTool,
  jobTool,
  enrolDeviceTool,
  setTariffTool,
  setMandateTool,
  orderTool,
  payTool,
  commandTool,
  controlTool,
  stopTool,
  deployTool,
  upgradeTool,
  topUpTool,
  fundTool,
  timeTool,
];
