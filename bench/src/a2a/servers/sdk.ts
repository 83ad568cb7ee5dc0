import { InMemoryTaskStore } from '@a2a-js/sdk/server';
import { sdkAgent } from './sdk-agent.ts';
import { serveSdk } from './sdk-app.ts';

serveSdk(new InMemoryTaskStore(), sdkAgent(process.argv[2] === 'three' ? 'three' : 'one'));
