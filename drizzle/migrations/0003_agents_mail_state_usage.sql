CREATE TABLE "mailbox" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "mailbox_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"node_id" text collate "C" NOT NULL,
	"recipient_kind" text NOT NULL,
	"recipient" text collate "C" NOT NULL,
	"context_id" text collate "C",
	"key" text collate "C" NOT NULL,
	"message" json NOT NULL,
	"provenance" json NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"acknowledged_at" timestamp with time zone,
	CONSTRAINT "mailbox_recipient_kind" CHECK ("mailbox"."recipient_kind" in ('agent', 'session'))
);
--> statement-breakpoint
CREATE TABLE "shared_state" (
	"node_id" text collate "C" NOT NULL,
	"namespace" text collate "C" NOT NULL,
	"key" text collate "C" NOT NULL,
	"value" json,
	"deleted" boolean NOT NULL,
	"counter" bigint NOT NULL,
	"writer" text collate "C" NOT NULL,
	"revision" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "shared_state_node_id_namespace_key_pk" PRIMARY KEY("node_id","namespace","key")
);
--> statement-breakpoint
CREATE TABLE "state_namespaces" (
	"node_id" text collate "C" NOT NULL,
	"namespace" text collate "C" NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "state_namespaces_node_id_namespace_pk" PRIMARY KEY("node_id","namespace")
);
--> statement-breakpoint
CREATE TABLE "swarm_agents" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "swarm_agents_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"node_id" text collate "C" NOT NULL,
	"spawned_by" text collate "C" NOT NULL,
	"directive_id" text collate "C" NOT NULL,
	"parent_directive_id" text collate "C",
	"agent_type" text NOT NULL,
	"name" text NOT NULL,
	"mode" text NOT NULL,
	"state" text NOT NULL,
	"pid" integer,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"restarts" integer NOT NULL,
	"progress" text,
	"usage" json NOT NULL,
	"result" json,
	"version" integer NOT NULL,
	"reported_version" integer NOT NULL,
	"announced" boolean NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "swarm_agents_state" CHECK ("swarm_agents"."state" in ('starting', 'running', 'completed', 'failed', 'killed', 'interrupted'))
);
--> statement-breakpoint
CREATE TABLE "usage_hours" (
	"node_id" text collate "C" NOT NULL,
	"database_id" text collate "C" NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"tokens_in" bigint NOT NULL,
	"tokens_out" bigint NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"tool_calls" bigint NOT NULL,
	"cpu_ms" bigint NOT NULL,
	"peak_memory_bytes" bigint NOT NULL,
	CONSTRAINT "usage_hours_node_id_database_id_hour_pk" PRIMARY KEY("node_id","database_id","hour")
);
--> statement-breakpoint
CREATE TABLE "usage_runs" (
	"node_id" text collate "C" NOT NULL,
	"run_id" text collate "C" NOT NULL,
	"tokens_in" bigint NOT NULL,
	"tokens_out" bigint NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"tool_calls" bigint NOT NULL,
	"cpu_ms" bigint NOT NULL,
	"peak_memory_bytes" bigint NOT NULL,
	"read_at" timestamp with time zone NOT NULL,
	CONSTRAINT "usage_runs_node_id_run_id_pk" PRIMARY KEY("node_id","run_id")
);
--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "eligibility_note" json;--> statement-breakpoint
ALTER TABLE "swarm_directives" ADD COLUMN "broadcast_id" text collate "C";--> statement-breakpoint
ALTER TABLE "swarm_directives" ADD COLUMN "placement" json;--> statement-breakpoint
CREATE UNIQUE INDEX "mailbox_once" ON "mailbox" USING btree ("node_id","recipient_kind","recipient","key");--> statement-breakpoint
CREATE INDEX "mailbox_order" ON "mailbox" USING btree ("node_id","recipient_kind","recipient","seq");--> statement-breakpoint
CREATE INDEX "mailbox_waiting" ON "mailbox" USING btree ("node_id","recipient_kind","recipient","seq") WHERE "mailbox"."acknowledged_at" is null;--> statement-breakpoint
CREATE INDEX "mailbox_age" ON "mailbox" USING btree ("node_id","received_at");--> statement-breakpoint
CREATE INDEX "shared_state_changes" ON "shared_state" USING btree ("node_id","namespace","revision");--> statement-breakpoint
CREATE INDEX "shared_state_tombstones" ON "shared_state" USING btree ("node_id","updated_at") WHERE "shared_state"."deleted";--> statement-breakpoint
CREATE INDEX "swarm_agents_home" ON "swarm_agents" USING btree ("node_id","started_at");--> statement-breakpoint
CREATE INDEX "swarm_agents_spawned" ON "swarm_agents" USING btree ("spawned_by","started_at");--> statement-breakpoint
CREATE INDEX "swarm_agents_open" ON "swarm_agents" USING btree ("node_id") WHERE "swarm_agents"."state" in ('starting', 'running');--> statement-breakpoint
CREATE INDEX "swarm_agents_unreported" ON "swarm_agents" USING btree ("node_id","changed_at") WHERE "swarm_agents"."reported_version" < "swarm_agents"."version" and "swarm_agents"."node_id" <> "swarm_agents"."spawned_by";--> statement-breakpoint
CREATE INDEX "swarm_agents_unannounced" ON "swarm_agents" USING btree ("spawned_by","ended_at") WHERE "swarm_agents"."ended_at" is not null and "swarm_agents"."mode" = 'detach' and not "swarm_agents"."announced";--> statement-breakpoint
CREATE INDEX "usage_hours_hour" ON "usage_hours" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "usage_runs_age" ON "usage_runs" USING btree ("read_at");--> statement-breakpoint
CREATE INDEX "swarm_directives_broadcast" ON "swarm_directives" USING btree ("source_node_id","broadcast_id","seq") WHERE "swarm_directives"."broadcast_id" is not null;