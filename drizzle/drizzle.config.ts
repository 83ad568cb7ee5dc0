import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate`, here, writes the next migration from the schema. Migrations are numbered and forward only. */
export default defineConfig({ dialect: 'postgresql', schema: './src/schema/index.ts', out: './migrations' });
