#!/usr/bin/env node
import { runNodeProcess } from './node-process.ts';

process.exit(await runNodeProcess(process));
