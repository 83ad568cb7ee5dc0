CREATE TABLE "a2a_task_events" (
	"agent" text collate "C" NOT NULL,
	"task_id" text collate "C" NOT NULL,
	"to_seq" bigint NOT NULL,
	"from_seq" bigint NOT NULL,
	"events" text NOT NULL,
	CONSTRAINT "a2a_task_events_agent_task_id_to_seq_pk" PRIMARY KEY("agent","task_id","to_seq")
);
--> statement-breakpoint
CREATE TABLE "a2a_tasks" (
	"agent" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"owner" text collate "C" NOT NULL,
	"context_id" text collate "C",
	"state" text NOT NULL,
	"status_at" text collate "C" NOT NULL,
	"seq" bigint NOT NULL,
	"running" boolean NOT NULL,
	"ended_at" timestamp with time zone,
	"task" text NOT NULL,
	"first_events" text,
	"first_seq" bigint NOT NULL,
	CONSTRAINT "a2a_tasks_id_agent_pk" PRIMARY KEY("id","agent")
);
--> statement-breakpoint
CREATE TABLE "push_configs" (
	"agent" text collate "C" NOT NULL,
	"task_id" text collate "C" NOT NULL,
	"owner" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"version" bigint GENERATED ALWAYS AS IDENTITY (sequence name "push_configs_version_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"config" text NOT NULL,
	"protocol_version" text NOT NULL,
	"delivered" bigint NOT NULL,
	"failures" integer NOT NULL,
	"last_failure" text,
	"state" text NOT NULL,
	"put_at" timestamp with time zone NOT NULL,
	CONSTRAINT "push_configs_task_id_agent_owner_id_pk" PRIMARY KEY("task_id","agent","owner","id"),
	CONSTRAINT "push_configs_state" CHECK ("push_configs"."state" in ('active', 'done', 'disabled'))
);
--> statement-breakpoint
CREATE INDEX "a2a_tasks_list" ON "a2a_tasks" USING btree ("agent","owner","status_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "a2a_tasks_context" ON "a2a_tasks" USING btree ("context_id","agent") WHERE "a2a_tasks"."context_id" is not null;--> statement-breakpoint
CREATE INDEX "a2a_tasks_running" ON "a2a_tasks" USING btree ("agent","id") WHERE "a2a_tasks"."running";--> statement-breakpoint
CREATE INDEX "a2a_tasks_ended" ON "a2a_tasks" USING btree ("ended_at") WHERE "a2a_tasks"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "push_configs_active" ON "push_configs" USING btree ("agent","task_id","id") WHERE "push_configs"."state" = 'active';--> statement-breakpoint
CREATE INDEX "push_configs_age" ON "push_configs" USING btree ("put_at");--> statement-breakpoint
-- A task with the events that made it is some kilobytes: kept in its page as it is, it costs neither compression nor a second row.
ALTER TABLE "a2a_tasks" SET (toast_tuple_target = 8160);--> statement-breakpoint
ALTER TABLE "a2a_task_events" SET (toast_tuple_target = 8160);
