CREATE TABLE "database_identity" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" text NOT NULL,
	"registry_revision" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "database_identity_only_row" CHECK ("database_identity"."only_row")
);
--> statement-breakpoint
CREATE TABLE "join_tokens" (
	"secret_hash" text collate "C" PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"group_name" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_by" text collate "C",
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "node_incarnations" (
	"node_id" text collate "C" PRIMARY KEY NOT NULL,
	"incarnation" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "nodes" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"record" json NOT NULL,
	"signed_record" text NOT NULL,
	"name" text collate "C" NOT NULL,
	"incarnation" integer NOT NULL,
	"tier" text NOT NULL,
	"group_name" text,
	"liveness" text NOT NULL,
	"observed" boolean NOT NULL,
	"eligibility" text NOT NULL,
	"eligibility_version" integer NOT NULL,
	"last_beat_at" timestamp with time zone,
	"metrics" json,
	"beat_count" bigint DEFAULT 0 NOT NULL,
	"joined_at" timestamp with time zone NOT NULL,
	"revision" bigint NOT NULL,
	"removed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "swarm_directive_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "swarm_directive_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"side" text NOT NULL,
	"source_node_id" text collate "C" NOT NULL,
	"directive_id" text collate "C" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "swarm_directive_inbox" (
	"source_node_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "swarm_directive_inbox_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"row_id" text collate "C" NOT NULL,
	"target_node_id" text collate "C" NOT NULL,
	"kind" text,
	"payload" json,
	"payload_hash" text,
	"priority" text NOT NULL,
	"effect" text NOT NULL,
	"parent_directive_id" text collate "C",
	"state" text NOT NULL,
	"epoch" integer NOT NULL,
	"starts" integer NOT NULL,
	"leased_by" text,
	"lease_expires_at" timestamp with time zone,
	"received_at" timestamp with time zone NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"result" json,
	"acknowledged" boolean NOT NULL,
	CONSTRAINT "swarm_directive_inbox_id_source_node_id_pk" PRIMARY KEY("id","source_node_id"),
	CONSTRAINT "swarm_directive_inbox_state" CHECK ("swarm_directive_inbox"."state" in ('received', 'awaiting_approval', 'leased', 'running', 'completed', 'failed', 'cancelled', 'timed_out', 'rejected', 'interrupted')),
	CONSTRAINT "swarm_directive_inbox_end" CHECK (case when "swarm_directive_inbox"."state" in ('received', 'awaiting_approval', 'leased', 'running') then "swarm_directive_inbox"."ended_at" is null and "swarm_directive_inbox"."result" is null else "swarm_directive_inbox"."ended_at" is not null and "swarm_directive_inbox"."result" is not null end)
);
--> statement-breakpoint
CREATE TABLE "swarm_directives" (
	"source_node_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "swarm_directives_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"target_node_id" text collate "C" NOT NULL,
	"kind" text NOT NULL,
	"payload" json NOT NULL,
	"payload_hash" text NOT NULL,
	"priority" text NOT NULL,
	"effect" text NOT NULL,
	"ttl_ms" integer NOT NULL,
	"parent_directive_id" text collate "C",
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"attempt_open" boolean NOT NULL,
	"heard" text,
	"task_id" text,
	"peer_database_id" text,
	"cancel_requested" text,
	"acknowledged" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"result" json,
	CONSTRAINT "swarm_directives_id_source_node_id_pk" PRIMARY KEY("id","source_node_id"),
	CONSTRAINT "swarm_directives_state" CHECK ("swarm_directives"."state" in ('queued', 'sending', 'accepted', 'completed', 'failed', 'cancelled', 'timed_out', 'rejected', 'interrupted', 'unknown')),
	CONSTRAINT "swarm_directives_end" CHECK (case when "swarm_directives"."state" in ('queued', 'sending', 'accepted') then "swarm_directives"."ended_at" is null and "swarm_directives"."result" is null else "swarm_directives"."ended_at" is not null and "swarm_directives"."result" is not null end)
);
--> statement-breakpoint
CREATE TABLE "swarm_resource_snapshots" (
	"node_id" text collate "C" NOT NULL,
	"slot" integer NOT NULL,
	"beat" bigint NOT NULL,
	"taken_at" timestamp with time zone NOT NULL,
	"metrics" json NOT NULL,
	CONSTRAINT "swarm_resource_snapshots_node_id_slot_pk" PRIMARY KEY("node_id","slot")
);
--> statement-breakpoint
CREATE INDEX "nodes_revision" ON "nodes" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "swarm_directive_events_trail" ON "swarm_directive_events" USING btree ("source_node_id","directive_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "swarm_directive_inbox_row_id" ON "swarm_directive_inbox" USING btree ("row_id");--> statement-breakpoint
CREATE INDEX "swarm_directive_inbox_newest" ON "swarm_directive_inbox" USING btree ("target_node_id","received_at");--> statement-breakpoint
CREATE INDEX "swarm_directive_inbox_claim" ON "swarm_directive_inbox" USING btree ("target_node_id","priority","received_at","seq") WHERE "swarm_directive_inbox"."state" = 'received';--> statement-breakpoint
CREATE INDEX "swarm_directive_inbox_deadline" ON "swarm_directive_inbox" USING btree ("target_node_id","deadline_at") WHERE "swarm_directive_inbox"."state" in ('received', 'awaiting_approval', 'leased', 'running');--> statement-breakpoint
CREATE INDEX "swarm_directive_inbox_held" ON "swarm_directive_inbox" USING btree ("target_node_id") WHERE "swarm_directive_inbox"."state" in ('leased', 'running');--> statement-breakpoint
CREATE INDEX "swarm_directives_newest" ON "swarm_directives" USING btree ("source_node_id","created_at");--> statement-breakpoint
CREATE INDEX "swarm_directives_claim" ON "swarm_directives" USING btree ("source_node_id","priority","created_at","seq") WHERE "swarm_directives"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "swarm_directives_deadline" ON "swarm_directives" USING btree ("source_node_id","deadline_at") WHERE "swarm_directives"."state" in ('queued', 'sending', 'accepted');--> statement-breakpoint
CREATE INDEX "swarm_directives_waiting" ON "swarm_directives" USING btree ("source_node_id","due_at") WHERE "swarm_directives"."ended_at" is null and ("swarm_directives"."state" = 'accepted' or "swarm_directives"."cancel_requested" is not null);--> statement-breakpoint
CREATE INDEX "swarm_directives_unacknowledged" ON "swarm_directives" USING btree ("source_node_id","ended_at") WHERE "swarm_directives"."ended_at" is not null and not "swarm_directives"."acknowledged" and "swarm_directives"."state" <> 'unknown';