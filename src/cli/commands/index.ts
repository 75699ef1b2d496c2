import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { analyzeCommand } from './analyze.ts';
import { compareCommand } from './compare.ts';
import { configCommand } from './config.ts';
import { dbCommand } from './db.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { modelsCommand } from './models.ts';
import { presetsCommand } from './presets.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { sampleCommand } from './sample.ts';
import { verifyCommand } from './verify.ts';
import { watchCommand } from './watch.ts';
import { workloadsCommand } from './workloads.ts';

/** Every command, in the order of the help text. A command's file holds its flags; what it does is loaded when it runs. */
export const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  runCommand,
  sampleCommand,
  watchCommand,
  demoCommand,
  doctorCommand,
  analyzeCommand,
  compareCommand,
  verifyCommand,
  reportCommand,
  exportCommand,
  importCommand,
  runsCommand,
  modelsCommand,
  workloadsCommand,
  explainCommand,
  configCommand,
  presetsCommand,
  dbCommand,
];
