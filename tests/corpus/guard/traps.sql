-- What a database may hold so that a harmless query runs somebody's function: overloads that fit
-- better than PostgreSQL's own, casts, domains inside other types, aggregates, operators, partitions.
CREATE FUNCTION public.first_email() RETURNS text LANGUAGE sql STABLE AS 'SELECT min(email) FROM public.users';

-- overloads for types of this database beat those for any type
CREATE FUNCTION public.count(public.categories) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.to_json(public.categories) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.length(character varying) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.abs(public.customer_tier) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.quote_literal(integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.substr(character varying, integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.unnest(public.customer_tier) RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.later(a int DEFAULT 1, VARIADIC b int[] DEFAULT '{}') RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION pg_catalog.first_email_of_all() RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';

-- attributes that are none
CREATE FUNCTION public.owner(public.categories) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.country_code(public.postal_address) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.contact(public.v_order_summary) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';

-- aggregates
CREATE FUNCTION public.keep_email(s text, m public.mood) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE AGGREGATE public.max(public.mood) (sfunc = public.keep_email, stype = text, initcond = '');

-- operators
CREATE FUNCTION public.tier_op(public.customer_tier, text) RETURNS text LANGUAGE sql STABLE AS 'SELECT public.first_email()';
CREATE FUNCTION public.tier_eq(public.customer_tier, public.order_status) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT public.first_email() > ''C''';
CREATE FUNCTION public.char_like(character varying, text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT public.first_email() > ''C''';
CREATE OPERATOR public.|| (LEFTARG = public.customer_tier, RIGHTARG = text, FUNCTION = public.tier_op);
CREATE OPERATOR public.= (LEFTARG = public.customer_tier, RIGHTARG = public.order_status, FUNCTION = public.tier_eq);
CREATE OPERATOR public.~~ (LEFTARG = character varying, RIGHTARG = text, FUNCTION = public.char_like);

-- casts
CREATE FUNCTION public.status_to_int(public.order_status) RETURNS int LANGUAGE sql STABLE AS 'SELECT length(public.first_email())';
CREATE CAST (public.order_status AS int) WITH FUNCTION public.status_to_int(public.order_status) AS IMPLICIT;
CREATE FUNCTION public.text_to_mood(text) RETURNS public.mood LANGUAGE sql STABLE AS $$ SELECT CASE WHEN public.first_email() > 'C' THEN 'ok'::public.mood END $$;
CREATE CAST (text AS public.mood) WITH FUNCTION public.text_to_mood(text) AS ASSIGNMENT;

-- domains inside other types: their checks run when a value is read
CREATE TYPE public.box_of_text AS (label text, content public.probed_text);
CREATE TYPE public.box_of_boxes AS (boxes public.box_of_text[]);
CREATE DOMAIN public.checked_box AS public.box_of_text;
CREATE TYPE public.text_range AS RANGE (subtype = public.probed_text);
CREATE TABLE public.boxes (id int, content public.probed_text);

-- partitions and children of other kinds
CREATE TABLE public.mixed_log (line text) PARTITION BY LIST (line);
CREATE FOREIGN TABLE public.mixed_log_file PARTITION OF public.mixed_log DEFAULT SERVER files
  OPTIONS (filename '/etc/passwd', format 'text', delimiter E'\x01');
CREATE TABLE public.family (line text);
CREATE FOREIGN TABLE public.family_file (line text) INHERITS (public.family) SERVER files
  OPTIONS (filename '/etc/passwd', format 'text', delimiter E'\x01');

-- views of views, in every schema, and a function only in a view's WHERE, ORDER BY or DISTINCT
CREATE VIEW analytics.v_far AS SELECT n FROM (SELECT count(*) AS n FROM public.v_nested_users) s;
CREATE VIEW public.v_quiet AS SELECT id FROM public.categories WHERE public.first_email() IS NOT NULL;
CREATE VIEW public.v_sorted AS SELECT id FROM public.categories ORDER BY public.get_user_email(id);
CREATE VIEW public.v_scalar AS SELECT id, (SELECT max(email) FROM public.users) AS m FROM public.categories;
CREATE VIEW public.v_cte AS WITH u AS (SELECT email FROM public.users) SELECT count(*) AS n FROM u;
CREATE VIEW public.v_operator AS SELECT id FROM public.categories WHERE name === 'x';
CREATE VIEW public.v_domain AS SELECT name::public.probed_text AS name FROM public.categories;
CREATE VIEW public.v_row AS SELECT c.owner FROM public.categories c;
CREATE VIEW public.v_sample AS SELECT id FROM public.categories TABLESAMPLE system_rows(1);
CREATE VIEW public.v_settings AS SELECT current_setting('app.jwt_secret', true) AS s;
CREATE VIEW public.v_catalog AS SELECT rolname, rolpassword FROM pg_authid;
CREATE VIEW public.v_sequence AS SELECT last_value FROM public.users_id_seq;
CREATE MATERIALIZED VIEW public.mv_far AS SELECT * FROM analytics.v_far;

-- what JSON functions call for a value of a type: its cast to json
CREATE FUNCTION public.mood_to_json(public.mood) RETURNS json LANGUAGE sql STABLE AS 'SELECT pg_catalog.to_json((SELECT min(email) FROM public.users))';
CREATE CAST (public.mood AS json) WITH FUNCTION public.mood_to_json(public.mood);

-- how values inside arrays, rows and ranges are compared: by the operator class of their type
CREATE TYPE public.grade AS ENUM ('a', 'b');
CREATE FUNCTION public.grade_lt(public.grade, public.grade) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'saw %', (SELECT min(email) FROM public.users); END $$;
CREATE FUNCTION public.grade_cmp(public.grade, public.grade) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'saw %', (SELECT min(email) FROM public.users); END $$;
CREATE OPERATOR public.< (LEFTARG = public.grade, RIGHTARG = public.grade, FUNCTION = public.grade_lt);
CREATE OPERATOR public.<= (LEFTARG = public.grade, RIGHTARG = public.grade, FUNCTION = public.grade_lt);
CREATE OPERATOR public.= (LEFTARG = public.grade, RIGHTARG = public.grade, FUNCTION = public.grade_lt);
CREATE OPERATOR public.>= (LEFTARG = public.grade, RIGHTARG = public.grade, FUNCTION = public.grade_lt);
CREATE OPERATOR public.> (LEFTARG = public.grade, RIGHTARG = public.grade, FUNCTION = public.grade_lt);
CREATE OPERATOR CLASS public.grade_ops DEFAULT FOR TYPE public.grade USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 public.grade_cmp(public.grade, public.grade);
CREATE TABLE public.grades (id int, g public.grade, gs public.grade[]);
INSERT INTO public.grades VALUES (1, 'a', '{a,b}'), (2, 'b', '{b,a}');
CREATE FUNCTION public.odd_cmp(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'saw %', (SELECT min(email) FROM public.users); END $$;
CREATE OPERATOR CLASS public.odd_int_ops FOR TYPE int USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 public.odd_cmp(int, int);
CREATE TYPE public.odd_range AS RANGE (subtype = int, subtype_opclass = public.odd_int_ops);

-- row security of a role that is not the superuser's
CREATE TABLE public.own_notes (id int, owner text, body text);
ALTER TABLE public.own_notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.own_notes USING (owner = current_user AND body <> 'CANARY_POLICY_CONSTANT');
GRANT SELECT ON public.own_notes TO guard_owner;
CREATE VIEW public.v_own_notes AS SELECT id, body FROM public.own_notes;
ALTER VIEW public.v_own_notes OWNER TO guard_owner;

-- an operator class with PostgreSQL's own operators, and a function of somebody's
CREATE TYPE public.shade AS ENUM ('a', 'b');
CREATE FUNCTION public.shade_cmp(public.shade, public.shade) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'saw %', (SELECT min(email) FROM public.users); END $$;
CREATE OPERATOR CLASS public.shade_ops DEFAULT FOR TYPE public.shade USING btree AS
  OPERATOR 1 < (anyenum, anyenum), FUNCTION 1 public.shade_cmp(public.shade, public.shade);
