#!/usr/bin/env node
import { main } from '.';

process.exitCode = await main(process.argv.slice(2));
