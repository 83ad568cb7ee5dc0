import { DatabaseTaskStore } from '@a2a-js/sdk/server/database';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { databaseTarget } from './database-target.ts';
import { sdkAgent } from './sdk-agent.ts';
import { serveSdk } from './sdk-app.ts';
import { sdkTasksSchema } from './sdk-schema.ts';

/** The SDK with its DatabaseTaskStore, on the driver and the pool that its documents name. */
const { host, port, user, database } = databaseTarget();
const pool = new pg.Pool({ host, port, user, database });
await pool.query(await sdkTasksSchema());
const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
serveSdk(new DatabaseTaskStore(db), sdkAgent(process.argv[2] === 'three' ? 'three' : 'one'));
