export { createLinkedHttp, type LinkedHttp, type Route } from './linked-http.ts';
export { createTestCard, textMessage } from './test-agent.ts';
