export { createLinkedHttp, type LinkedHttp, type Route } from './linked-http.ts';
export { type ServedApp, serveApp, serveListener } from './serve-app.ts';
export { createTestCard, textMessage } from './test-agent.ts';
