export { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './test-swarm.ts';
