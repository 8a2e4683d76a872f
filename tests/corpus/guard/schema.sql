-- The database of the guard's acceptance tests.
--
-- Load with psql as a superuser into an EMPTY database (UTF8, preferably
-- LOCALE 'C.UTF-8'):   psql -v ON_ERROR_STOP=1 -f schema.sql
--
-- Operator configuration that the corpora assume:
--     read-only mode
--     allowed_schemas : [public, analytics]
--     blocked_tables  : [users, passwords, api_keys]
--     max_rows_returned, statement timeout
--
-- Every secret value contains the word CANARY, so that a leak is recognised in
-- any output (also as hex: 43414e415259).  No allowed object ever yields it.
-- All data is deterministic: no random(), no now().
\set ON_ERROR_STOP on
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET timezone = 'UTC';
SET standard_conforming_strings = on;
SET search_path = public;

DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET timezone = ''UTC''', current_database());
  -- PostgREST/Supabase style secret kept in a custom setting
  EXECUTE format('ALTER DATABASE %I SET app.jwt_secret = ''CANARY_GUC_JWT_SECRET''', current_database());
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guard_owner') THEN
    CREATE ROLE guard_owner LOGIN PASSWORD 'CANARY_OWNER_PASSWORD';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guard_reader') THEN
    CREATE ROLE guard_reader LOGIN PASSWORD 'CANARY_READER_PASSWORD'
      NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guard_app') THEN
    CREATE ROLE guard_app NOLOGIN;
  END IF;
END $$;
ALTER ROLE guard_app SET app.role_secret = 'CANARY_ROLE_SETTING';
ALTER ROLE guard_reader SET temp_file_limit = '256MB';    -- only a superuser may set it
GRANT guard_app TO guard_owner;

-- Extensions: trusted ones an application really uses, and dangerous ones that
-- a DBA may have left lying in the database.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE EXTENSION IF NOT EXISTS file_fdw;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE EXTENSION IF NOT EXISTS tablefunc;
CREATE EXTENSION IF NOT EXISTS xml2;
CREATE EXTENSION IF NOT EXISTS lo;
CREATE EXTENSION IF NOT EXISTS pageinspect;
CREATE EXTENSION IF NOT EXISTS pg_prewarm;
CREATE EXTENSION IF NOT EXISTS pgstattuple;
CREATE EXTENSION IF NOT EXISTS pgrowlocks;
CREATE EXTENSION IF NOT EXISTS pg_visibility;
CREATE EXTENSION IF NOT EXISTS pg_freespacemap;
CREATE EXTENSION IF NOT EXISTS pg_buffercache;
CREATE EXTENSION IF NOT EXISTS amcheck;
CREATE EXTENSION IF NOT EXISTS tsm_system_rows;
CREATE EXTENSION IF NOT EXISTS tsm_system_time;
DO $$
DECLARE e text;
BEGIN
  -- optional: absent from some builds / versions / preload settings
  FOREACH e IN ARRAY ARRAY['hypopg','adminpack','pg_stat_statements','pg_surgery','pg_walinspect','sslinfo','old_snapshot'] LOOP
    BEGIN
      EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', e);
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE 'optional extension % not installed: %', e, SQLERRM;
    END;
  END LOOP;
END $$;

CREATE SCHEMA analytics;
CREATE SCHEMA parts;      -- holds partitions of an allowed partitioned table
CREATE SCHEMA private;    -- not in allowed_schemas

----------------------------------------------------------------------
-- types
----------------------------------------------------------------------
CREATE TYPE public.customer_tier AS ENUM ('bronze','silver','gold','platinum');
CREATE TYPE public.order_status AS ENUM ('new','paid','shipped','delivered','cancelled');
CREATE TYPE public.mood AS ENUM ('sad','ok','happy');
CREATE TYPE public.postal_address AS (street text, city text, zip text);
CREATE DOMAIN public.sku_code AS text CHECK (VALUE ~ '^[A-Z]{3}-[0-9]{4}$');
CREATE DOMAIN public.percentage AS numeric(5,2) CHECK (VALUE >= 0 AND VALUE <= 100);
CREATE TYPE public.price_range AS RANGE (subtype = numeric);

----------------------------------------------------------------------
-- blocked tables
----------------------------------------------------------------------
CREATE TABLE public.users (
  id            serial PRIMARY KEY,
  email         text NOT NULL UNIQUE,
  full_name     text NOT NULL,
  password_hash text NOT NULL,
  is_admin      boolean NOT NULL DEFAULT false,
  city          text,
  birth         date,
  created_at    timestamptz NOT NULL,
  profile       jsonb,
  bio           text
);
ALTER TABLE public.users ALTER COLUMN bio SET STORAGE EXTERNAL;   -- toasted uncompressed
INSERT INTO public.users (email, full_name, password_hash, is_admin, city, birth, created_at, profile, bio)
SELECT format('CANARY_user%s@example.test', lpad(i::text,2,'0')),
       format('CANARY Name %s', i),
       'CANARY_HASH_' || md5('pw' || i),
       i = 1,
       (ARRAY['CANARY_CITY_A','CANARY_CITY_B'])[1 + i % 2],      -- repeated: lands in pg_stats.most_common_vals
       DATE '1970-01-01' + i * 97,
       TIMESTAMPTZ '2024-01-01 00:00:00+00' + i * INTERVAL '1 day',
       jsonb_build_object('token', 'CANARY_TOKEN_' || i, 'theme', CASE WHEN i % 2 = 0 THEN 'dark' ELSE 'light' END),
       repeat('CANARY_BIO_' || i || ' ', 400)
FROM generate_series(1,20) i;
COMMENT ON TABLE public.users IS 'Application accounts (blocked for the assistant)';
COMMENT ON COLUMN public.users.password_hash IS 'bcrypt hash';

CREATE TABLE public.users_archive (archived_at timestamptz) INHERITS (public.users);
INSERT INTO public.users_archive (id, email, full_name, password_hash, created_at, archived_at)
SELECT 1000+i, format('CANARY_archived%s@example.test', i), 'CANARY Archived '||i, 'CANARY_OLDHASH_'||i,
       TIMESTAMPTZ '2020-01-01 00:00:00+00', TIMESTAMPTZ '2023-01-01 00:00:00+00' + i * INTERVAL '1 day'
FROM generate_series(1,5) i;

-- blocked AND partitioned: reading a partition directly reads the blocked data
CREATE TABLE public.passwords (
  user_id int NOT NULL, password text NOT NULL, hint text, rotated date
) PARTITION BY RANGE (user_id);
CREATE TABLE public.passwords_p1 PARTITION OF public.passwords FOR VALUES FROM (0) TO (11);
CREATE TABLE public.passwords_p2 PARTITION OF public.passwords FOR VALUES FROM (11) TO (1000);
INSERT INTO public.passwords
SELECT i, 'CANARY_PASSWORD_' || i, 'CANARY hint ' || i, DATE '2024-02-01' + i FROM generate_series(1,20) i;

-- an allowed parent whose inheritance child is blocked
CREATE TABLE public.secrets_base (id int, label text, note text);
INSERT INTO public.secrets_base VALUES (1,'harmless parent row','plain'),(2,'another parent row','plain');
CREATE TABLE public.api_keys (key text, expires timestamptz) INHERITS (public.secrets_base);
INSERT INTO public.api_keys
SELECT 100+i, 'CANARY_APIKEY_LABEL_'||i, 'CANARY note', 'CANARY_sk_live_'||md5('key'||i), TIMESTAMPTZ '2030-01-01 00:00:00+00'
FROM generate_series(1,6) i;
-- same name in another allowed schema: an unqualified block name must cover it
CREATE TABLE analytics.api_keys (id int, key text);
INSERT INTO analytics.api_keys VALUES (1,'CANARY_ANALYTICS_KEY_1'),(2,'CANARY_ANALYTICS_KEY_2');

----------------------------------------------------------------------
-- not allowed schema
----------------------------------------------------------------------
CREATE TABLE private.salaries (employee_id int PRIMARY KEY, amount numeric(12,2), note text);
INSERT INTO private.salaries SELECT i, 50000 + i*1000, 'CANARY_SALARY_NOTE_'||i FROM generate_series(1,12) i;
CREATE TABLE private."Secret Plans" (id int, plan text);
INSERT INTO private."Secret Plans" VALUES (1,'CANARY_SECRET_PLAN');

----------------------------------------------------------------------
-- allowed tables
----------------------------------------------------------------------
CREATE TABLE public.customers (
  id            int PRIMARY KEY,
  name          text NOT NULL,
  email         varchar(120) NOT NULL,
  country       char(2) NOT NULL,
  tier          customer_tier NOT NULL,
  tags          text[] NOT NULL DEFAULT '{}',
  address       jsonb,
  location      postal_address,
  signup_ip     inet,
  external_id   uuid NOT NULL,
  credit_limit  numeric(12,2),
  discount      percentage,
  active_period daterange,
  avatar        bytea,
  created_at    timestamptz NOT NULL,
  feeling       mood
);
INSERT INTO public.customers
SELECT i,
       (ARRAY['Acme Ltd','Bolt GmbH','Café Zoë','Delta Inc','Echo SA','Foxtrot AB','Günther KG','Hotel Oy','India Pvt','Juliet SpA'])[1 + (i-1) % 10] || ' ' || i,
       'contact' || i || '@shop.example',
       (ARRAY['DE','FR','US','GB','SE'])[1 + (i-1) % 5],
       (enum_range(NULL::customer_tier))[1 + (i-1) % 4],
       CASE WHEN i % 3 = 0 THEN ARRAY['vip','newsletter'] WHEN i % 3 = 1 THEN ARRAY['newsletter'] ELSE ARRAY[]::text[] END,
       jsonb_build_object('city', (ARRAY['Berlin','Paris','Boston','London','Malmö'])[1 + (i-1) % 5], 'zip', lpad((10000 + i*37)::text,5,'0'),
                          'geo', jsonb_build_object('lat', 40 + i % 20, 'lon', i % 30), 'phones', jsonb_build_array('+49' || i, '+1' || i)),
       ROW('Main St ' || i, 'City' || (i % 7), lpad(i::text,5,'0'))::postal_address,
       ('10.' || (i % 4) || '.' || (i % 200) || '.' || (i % 250 + 1))::inet,
       ('00000000-0000-4000-8000-' || lpad(to_hex(i),12,'0'))::uuid,
       CASE WHEN i % 11 = 0 THEN NULL ELSE round(1000 + i * 12.5, 2) END,
       (i % 30)::numeric,
       daterange(DATE '2023-01-01' + i, DATE '2024-06-01' + i * 3),
       decode(md5('avatar' || i), 'hex'),
       TIMESTAMPTZ '2024-01-01 08:00:00+00' + i * INTERVAL '13 hours',
       (enum_range(NULL::mood))[1 + (i-1) % 3]
FROM generate_series(1,60) i;
COMMENT ON TABLE public.customers IS 'Customers; "DROP TABLE" in a comment is harmless';
COMMENT ON COLUMN public.customers.tier IS 'Loyalty tier';

CREATE TABLE public.categories (id int PRIMARY KEY, parent_id int REFERENCES public.categories, name text NOT NULL);
INSERT INTO public.categories VALUES
 (1,NULL,'All'),(2,1,'Electronics'),(3,1,'Home'),(4,2,'Phones'),(5,2,'Laptops'),(6,3,'Kitchen'),(7,3,'Garden'),(8,4,'Cases'),(9,4,'Chargers');

CREATE TABLE public.products (
  id          int PRIMARY KEY,
  sku         sku_code NOT NULL UNIQUE,
  name        text NOT NULL,
  description text,
  category_id int NOT NULL REFERENCES public.categories,
  price       numeric(10,2) NOT NULL CHECK (price >= 0),
  weight_kg   real,
  in_stock    boolean NOT NULL,
  attrs       jsonb NOT NULL,
  search      tsvector GENERATED ALWAYS AS (to_tsvector('english', name || ' ' || coalesce(description,''))) STORED,
  name_key    text GENERATED ALWAYS AS (lower(name)) STORED
);
INSERT INTO public.products (id, sku, name, description, category_id, price, weight_kg, in_stock, attrs)
SELECT i, 'SKU-' || lpad(i::text,4,'0'),
       (ARRAY['Quick Charger','Laptop Sleeve','Garden Hose','Chef Knife','Phone Case','Desk Lamp','Coffee Grinder','Wireless Mouse'])[1 + (i-1) % 8] || ' ' || i,
       'A reliable item for everyday running and cooking number ' || i,
       2 + (i % 8), round(5 + i * 3.75, 2), (0.1 * (i % 13))::real, i % 5 <> 0,
       jsonb_build_object('color', (ARRAY['red','green','blue'])[1 + i % 3], 'size', i % 4, 'tags', jsonb_build_array('t' || (i % 3), 't' || (i % 5)))
FROM generate_series(1,40) i;
CREATE INDEX products_search_idx ON public.products USING gin (search);
CREATE INDEX products_attrs_idx  ON public.products USING gin (attrs);
CREATE INDEX products_name_trgm  ON public.products USING gin (name gin_trgm_ops);

CREATE SEQUENCE public.order_no_seq START 1000;
CREATE TABLE public.orders (
  id          int PRIMARY KEY,
  order_no    bigint NOT NULL DEFAULT nextval('public.order_no_seq'),
  customer_id int NOT NULL REFERENCES public.customers,
  order_date  date NOT NULL,
  placed_at   timestamptz NOT NULL,
  status      order_status NOT NULL,
  total       numeric(12,2) NOT NULL,
  coupon      text,
  notes       text
);
INSERT INTO public.orders (id, order_no, customer_id, order_date, placed_at, status, total, coupon, notes)
SELECT i, 1000 + i, 1 + (i * 7) % 60, DATE '2024-01-01' + (i % 180),
       TIMESTAMPTZ '2024-01-01 09:30:00+00' + (i % 180) * INTERVAL '1 day' + (i % 24) * INTERVAL '1 hour',
       (enum_range(NULL::order_status))[1 + i % 5], round(20 + (i * 37) % 480 + 0.99, 2),
       CASE WHEN i % 9 = 0 THEN 'SAVE10' END,
       CASE WHEN i % 25 = 0 THEN 'please; DROP TABLE customers; -- urgent' ELSE 'note ' || i END
FROM generate_series(1,300) i;
SELECT setval('public.order_no_seq', 1300) \g /dev/null
CREATE INDEX orders_customer_idx ON public.orders (customer_id);
CREATE INDEX orders_date_idx ON public.orders (order_date) WHERE status <> 'cancelled';

CREATE TABLE public.order_items (
  order_id   int NOT NULL REFERENCES public.orders,
  line_no    int NOT NULL,
  product_id int NOT NULL REFERENCES public.products,
  qty        int NOT NULL CHECK (qty > 0),
  unit_price numeric(10,2) NOT NULL,
  line_total numeric(12,2) GENERATED ALWAYS AS (qty * unit_price) STORED,
  PRIMARY KEY (order_id, line_no)
);
INSERT INTO public.order_items (order_id, line_no, product_id, qty, unit_price)
SELECT o, l, 1 + (o * 3 + l * 5) % 40, 1 + (o + l) % 4, round(5 + ((o * 3 + l * 5) % 40 + 1) * 3.75, 2)
FROM generate_series(1,300) o, generate_series(1,3) l WHERE l <= 1 + o % 3;

CREATE TABLE public.employees (
  id int PRIMARY KEY, name text NOT NULL, manager_id int REFERENCES public.employees, dept text NOT NULL,
  hired date NOT NULL, rating numeric(3,1)
);
INSERT INTO public.employees VALUES
 (1,'Ada',NULL,'exec','2015-01-05',4.9),(2,'Bob',1,'eng','2016-03-01',4.1),(3,'Cyd',1,'sales','2016-07-11',3.8),
 (4,'Dan',2,'eng','2017-02-20',4.4),(5,'Eve',2,'eng','2018-09-03',3.9),(6,'Fay',3,'sales','2019-01-14',4.0),
 (7,'Gus',3,'sales','2019-05-27',3.2),(8,'Hal',4,'eng','2020-10-19',4.6),(9,'Ivy',4,'eng','2021-04-06',4.2),
 (10,'Jon',6,'sales','2022-08-15',2.9),(11,'Kim',1,'hr','2018-12-01',NULL),(12,'Lea',11,'hr','2023-02-13',4.3);

-- classic inheritance with a child in a schema that is not allowed
CREATE TABLE public.people (id int, nick text);
INSERT INTO public.people VALUES (1,'pat'),(2,'sam');
CREATE TABLE private.people_secret (clearance text) INHERITS (public.people);
INSERT INTO private.people_secret VALUES (90,'CANARY_NICK_1','top'),(91,'CANARY_NICK_2','top');

-- hostile-looking but legitimate names
CREATE TABLE public.keyword_columns (
  "select" int, "update" text, "delete" boolean, "users" int, "table" text, "order" int, "limit" int, "drop" text,
  "password" text, api_keys int
);
INSERT INTO public.keyword_columns
SELECT i, 'update ' || i, i % 2 = 0, i * 10, 'table;' || i, 100 - i, i, 'DROP TABLE users; --', 'n/a', i * 2 FROM generate_series(1,5) i;

CREATE TABLE public."Order Details" ("Order ID" int, "Unit Price" numeric, "Qty;--" int, "we""ird" text);
INSERT INTO public."Order Details" SELECT i, i * 1.5, i, 'w' || i FROM generate_series(1,4) i;
CREATE TABLE public."MixedCase" ("Id" int, "Value" text, value text);
INSERT INTO public."MixedCase" VALUES (1,'Upper','lower'),(2,'Zwei','zwei');
CREATE TABLE public."größe_данные_表" ("ключ" int, "naïve" text, "値" numeric);
INSERT INTO public."größe_данные_表" VALUES (1,'eins',1.5),(2,'два',2.5),(3,'三',3.5);

-- every type family once, for output conversion
CREATE TABLE public.type_zoo (
  id int PRIMARY KEY, b boolean, i2 smallint, i8 bigint, n numeric, f4 real, f8 double precision, m money,
  t text, vc varchar(10), c char(5), ct citext, bt bytea, d date, tm time, tmz timetz, ts timestamp, tstz timestamptz, iv interval,
  u uuid, ip inet, net cidr, mac macaddr, bits bit(4), vbits varbit, pt point, bx box, j json, jb jsonb, x xml,
  ai int[], at text[], ir int4range, nr numrange, tr tstzrange, mr int4multirange, h hstore, tv tsvector, tq tsquery, rng price_range, addr postal_address
);
INSERT INTO public.type_zoo VALUES
 (1, true, 7, 9007199254740993, 12345678901234567890.123456789, 1.5, 2.718281828459045, '12.34',
  E'tab\there "quote"', 'vc', 'c', 'MiXeD', '\xdeadbeef', '2024-02-29', '23:59:59.5', '12:00:00+02', '2024-01-01 00:00:00.123456', '2024-01-01 12:00:00+02', '1 year 2 mons 3 days 04:05:06',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '192.168.1.10/24', '10.0.0.0/8', '08:00:2b:01:02:03', B'1010', B'101', '(1,2)', '((1,1),(0,0))', '{"a": 1,  "b":[1,2]}', '{"a":1,"b":[1,2]}', '<a>1</a>',
  '{1,2,NULL}', '{"a b","c,d",NULL}', '[1,10)', '(1.5,)', '[2024-01-01 00:00:00+00,2024-02-01 00:00:00+00)', '{[1,3),[5,8)}', 'k=>v', 'fat cat', 'fat & cat', '[1.0,2.5]', ROW('s','c','z')),
 (2, false, -32768, -9223372036854775808, 'NaN', 'Infinity', '-Infinity', '-0.01',
  'ünïcödé 表 🙂', '', 'abc', 'mixed', '\x', '0044-03-15 BC', '00:00:00', '00:00:00-12', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999+00', '-1 days -02:03:04',
  '00000000-0000-0000-0000-000000000000', '::1', '2001:db8::/32', 'ff:ff:ff:ff:ff:ff', B'0000', B'', '(0,0)', '((1,1),(0,0))', '[]', 'null', '<b/>',
  '{}', '{}', 'empty', '(,)', 'empty', '{}', '', '', '', 'empty', ROW(NULL,'','"')),
 (3, NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);

-- row level security
CREATE TABLE public.tenant_notes (id int PRIMARY KEY, tenant text NOT NULL, body text NOT NULL);
INSERT INTO public.tenant_notes VALUES (1,'blue','blue note 1'),(2,'blue','blue note 2'),(3,'red','red note 1');
ALTER TABLE public.tenant_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tenant_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON public.tenant_notes USING (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), 'blue'));

-- partitioned, allowed, partitions kept in another schema (as pg_partman users do)
CREATE TABLE analytics.events (
  id bigint NOT NULL, ts timestamptz NOT NULL, customer_id int, kind text NOT NULL, payload jsonb
) PARTITION BY RANGE (ts);
CREATE TABLE parts.events_2024_01 PARTITION OF analytics.events FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00');
CREATE TABLE parts.events_2024_02 PARTITION OF analytics.events FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');
CREATE TABLE parts.events_2024_03 PARTITION OF analytics.events FOR VALUES FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');
CREATE TABLE parts.events_default PARTITION OF analytics.events DEFAULT;
INSERT INTO analytics.events
SELECT i, TIMESTAMPTZ '2024-01-01 00:00:00+00' + i * INTERVAL '43 minutes', 1 + i % 60,
       (ARRAY['view','click','cart','purchase'])[1 + i % 4], jsonb_build_object('page', '/p/' || (i % 25), 'ms', (i * 13) % 900)
FROM generate_series(1,3000) i;
CREATE INDEX events_ts_idx ON analytics.events (ts);

-- the big one
CREATE TABLE analytics.page_views (
  id bigint PRIMARY KEY, visitor int NOT NULL, page text NOT NULL, viewed_at timestamptz NOT NULL, duration_ms int NOT NULL
);
INSERT INTO analytics.page_views
SELECT i, (i * 7919) % 5000, '/page/' || (i * 31) % 400, TIMESTAMPTZ '2024-01-01 00:00:00+00' + i * INTERVAL '71 seconds', (i * 10473) % 30000
FROM generate_series(1,100000) i;

CREATE TABLE analytics.daily_revenue (day date PRIMARY KEY, revenue numeric(14,2) NOT NULL, orders int NOT NULL);
INSERT INTO analytics.daily_revenue SELECT order_date, sum(total), count(*) FROM public.orders GROUP BY order_date;

----------------------------------------------------------------------
-- views
----------------------------------------------------------------------
CREATE VIEW public.v_order_summary AS
  SELECT o.id, o.order_date, c.name AS customer, o.status, o.total FROM public.orders o JOIN public.customers c ON c.id = o.customer_id;
CREATE VIEW analytics.v_country_totals AS
  SELECT c.country, count(*) AS orders, sum(o.total) AS revenue FROM public.orders o JOIN public.customers c ON c.id = o.customer_id GROUP BY c.country;
CREATE VIEW public.v_nested_ok AS SELECT country, revenue FROM analytics.v_country_totals WHERE revenue > 0;
CREATE MATERIALIZED VIEW analytics.mv_top_customers AS
  SELECT customer_id, sum(total) AS spent, count(*) AS n FROM public.orders GROUP BY customer_id;

-- views that expose what is blocked
CREATE VIEW public.v_active_users AS SELECT id, email, full_name FROM public.users WHERE NOT is_admin;
CREATE VIEW public.v_user_count AS SELECT count(*) AS n FROM public.users;
CREATE VIEW public.v_nested_users AS SELECT email FROM public.v_active_users;
CREATE MATERIALIZED VIEW public.mv_user_emails AS SELECT id, email FROM public.users;
CREATE VIEW public.v_salary_stats AS SELECT employee_id, amount, note FROM private.salaries;
CREATE VIEW public.v_user_const AS SELECT id FROM public.users WHERE password_hash <> 'CANARY_CONST_IN_VIEW' AND id > 3;
CREATE VIEW public.v_customers_not_users AS
  SELECT c.id, c.name FROM public.customers c WHERE NOT EXISTS (SELECT 1 FROM public.users u WHERE u.email = c.email);

----------------------------------------------------------------------
-- functions, procedures, aggregates, operators, casts
----------------------------------------------------------------------
CREATE TABLE public.audit_log (id bigint GENERATED ALWAYS AS IDENTITY, what text);
INSERT INTO public.audit_log (what) VALUES ('initial row');
CREATE TABLE public.counters (name text PRIMARY KEY, n bigint NOT NULL);
INSERT INTO public.counters VALUES ('hits', 0);

CREATE FUNCTION public.add_tax(p numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round(p * 1.19, 2)';
CREATE FUNCTION public.order_total(oid int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(line_total) FROM public.order_items WHERE order_id = oid';
CREATE FUNCTION public.touch_counter() RETURNS bigint LANGUAGE sql VOLATILE AS
  'UPDATE public.counters SET n = n + 1 WHERE name = ''hits'' RETURNING n';
CREATE FUNCTION public.sd_write(msg text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS
  $$ DECLARE r bigint; BEGIN INSERT INTO public.audit_log(what) VALUES (msg) RETURNING id INTO r; RETURN r; END $$;
CREATE FUNCTION public.sd_read_users() RETURNS SETOF public.users LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT * FROM public.users';
CREATE FUNCTION public.get_user_email(uid int) RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM public.users WHERE id = uid';
-- lies about its volatility: IMMUTABLE, so the planner runs it for a plain EXPLAIN
CREATE FUNCTION public.peek_password(uid int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN (SELECT password FROM public.passwords WHERE user_id = uid); END $$;
CREATE FUNCTION public.immutable_notice(uid int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RAISE NOTICE 'executed at plan time: %', (SELECT password FROM public.passwords WHERE user_id = uid); RETURN true; END $$;
-- lies the other way: a STABLE function that reaches out of the database
CREATE FUNCTION public.stable_side_effect(msg text) RETURNS text LANGUAGE plpgsql STABLE AS
  $$ BEGIN PERFORM pg_advisory_lock(424242); RETURN msg; END $$;
CREATE FUNCTION public.run_sql(q text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS
  $$ DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END $$;
CREATE FUNCTION public.count_rows(t regclass) RETURNS bigint LANGUAGE plpgsql STABLE AS
  $$ DECLARE r bigint; BEGIN EXECUTE 'SELECT count(*) FROM ' || t INTO r; RETURN r; END $$;
CREATE FUNCTION public.report() RETURNS TABLE (email text) LANGUAGE plpgsql STABLE AS
  $$ BEGIN RETURN QUERY SELECT u.email FROM public.users u; END $$;
CREATE FUNCTION public.user_emails_cursor() RETURNS refcursor LANGUAGE plpgsql AS
  $$ DECLARE c refcursor := 'uc'; BEGIN OPEN c FOR SELECT email FROM public.users; RETURN c; END $$;
-- PostgreSQL 14+: SQL-standard body (dependencies are recorded in pg_depend)
CREATE FUNCTION public.atomic_user_email(uid int) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT email FROM public.users WHERE id = uid; END;
-- row-type argument: callable as c.latest_login, which parses as a plain column reference
CREATE FUNCTION public.latest_login(c public.customers) RETURNS text LANGUAGE sql STABLE AS
  'SELECT email FROM public.users WHERE id = ($1).id';
-- overload that shadows a catalog function for varchar arguments
CREATE FUNCTION public.initcap(character varying) RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM public.users ORDER BY id LIMIT 1';
CREATE FUNCTION private.salary_of(e int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT amount FROM private.salaries WHERE employee_id = e';
CREATE FUNCTION public.body_secret() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 /* connect with CANARY_PROSRC_PASSWORD */ $$;
CREATE FUNCTION public.leak_sfunc(s text, i int) RETURNS text LANGUAGE sql STABLE AS
  'SELECT coalesce(s,'''') || '','' || (SELECT email FROM public.users WHERE id = i)';
CREATE AGGREGATE public.leak_agg(int) (sfunc = public.leak_sfunc, stype = text);
CREATE PROCEDURE public.purge_orders() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.order_items; COMMIT; END $$;
CREATE PROCEDURE public.sneaky_write(msg text) LANGUAGE plpgsql AS $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO public.audit_log(what) VALUES (msg); END $$;

-- operators
CREATE FUNCTION public.op_log(a text, b text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS
  $$ BEGIN PERFORM public.sd_write('op ' || a || b); RETURN a = b; END $$;
CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = public.op_log);
CREATE FUNCTION public.op_leak(a int) RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM public.users WHERE id = a';
CREATE OPERATOR public.#? (RIGHTARG = int, FUNCTION = public.op_leak);
CREATE FUNCTION public.op_leak2(a int, b text) RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM public.users WHERE id = a';
CREATE OPERATOR public.~> (LEFTARG = int, RIGHTARG = text, FUNCTION = public.op_leak2);

-- casts
CREATE FUNCTION public.mood_to_int(m public.mood) RETURNS int LANGUAGE plpgsql VOLATILE AS
  $$ BEGIN PERFORM pg_advisory_lock(515151); RETURN CASE m::text WHEN 'sad' THEN 0 WHEN 'ok' THEN 1 ELSE 2 END; END $$;
CREATE CAST (public.mood AS int) WITH FUNCTION public.mood_to_int(public.mood) AS ASSIGNMENT;
CREATE TYPE public.secret_ref AS (uid int);
CREATE FUNCTION public.secret_ref_to_text(r public.secret_ref) RETURNS text LANGUAGE sql STABLE AS 'SELECT password FROM public.passwords WHERE user_id = r.uid';
CREATE CAST (public.secret_ref AS text) WITH FUNCTION public.secret_ref_to_text(public.secret_ref);
-- a domain whose CHECK calls a function
CREATE FUNCTION public.domain_probe(v text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS
  $$ BEGIN RAISE NOTICE 'domain check saw %', (SELECT password FROM public.passwords ORDER BY user_id LIMIT 1); RETURN true; END $$;
CREATE DOMAIN public.probed_text AS text CHECK (public.domain_probe(VALUE));

-- views whose bodies call functions
CREATE VIEW public.v_fn_users AS SELECT g AS id, public.get_user_email(g) AS email FROM generate_series(1,3) g;
CREATE VIEW public.v_side_effect AS SELECT public.touch_counter() AS hits;
CREATE VIEW public.v_files AS SELECT pg_read_file('/etc/passwd') AS f;

-- RLS policy that calls a function whenever the table is read
CREATE TABLE public.guarded_notes (id int, body text);
INSERT INTO public.guarded_notes VALUES (1,'g1'),(2,'g2');
CREATE FUNCTION public.policy_fn(i int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN i > 0; END $$;
ALTER TABLE public.guarded_notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY guarded ON public.guarded_notes USING (public.policy_fn(id));

-- foreign tables
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.ext_passwd (line text) SERVER files OPTIONS (filename '/etc/passwd', format 'text', delimiter E'\x01');
DO $$ BEGIN      -- a foreign server that loops back to this very database
  EXECUTE format('CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)',
    trim(split_part(current_setting('unix_socket_directories'), ',', 1)), current_setting('port'), current_database());
END $$;
CREATE USER MAPPING FOR PUBLIC SERVER loopback OPTIONS (user 'guard_owner', password 'CANARY_FDW_PASSWORD');
CREATE FOREIGN TABLE public.remote_accounts (id int, email text) SERVER loopback OPTIONS (schema_name 'public', table_name 'users');

-- large object
SELECT lo_from_bytea(4242, convert_to('CANARY_LARGE_OBJECT','UTF8')) \g /dev/null

-- extended statistics and ordinary statistics (most_common_vals) on a blocked table
CREATE STATISTICS public.users_stats (mcv) ON city, is_admin FROM public.users;

----------------------------------------------------------------------
-- TPC-H (schema per the public specification, few rows) in schema analytics
----------------------------------------------------------------------
SET search_path = analytics;
CREATE TABLE region (r_regionkey int PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152));
CREATE TABLE nation (n_nationkey int PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey int NOT NULL REFERENCES region, n_comment varchar(152));
CREATE TABLE part (p_partkey int PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL,
  p_size int NOT NULL, p_container char(10) NOT NULL, p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL);
CREATE TABLE supplier (s_suppkey int PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL, s_nationkey int NOT NULL REFERENCES nation,
  s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL, s_comment varchar(101) NOT NULL);
CREATE TABLE partsupp (ps_partkey int NOT NULL REFERENCES part, ps_suppkey int NOT NULL REFERENCES supplier, ps_availqty int NOT NULL, ps_supplycost numeric(15,2) NOT NULL,
  ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey));
CREATE TABLE customer (c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey int NOT NULL REFERENCES nation,
  c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL, c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);
CREATE TABLE orders (o_orderkey int PRIMARY KEY, o_custkey int NOT NULL REFERENCES customer, o_orderstatus char(1) NOT NULL, o_totalprice numeric(15,2) NOT NULL,
  o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL);
CREATE TABLE lineitem (l_orderkey int NOT NULL REFERENCES orders, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL, l_quantity numeric(15,2) NOT NULL,
  l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
  l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
  PRIMARY KEY (l_orderkey, l_linenumber));
INSERT INTO region VALUES (0,'AFRICA','a'),(1,'AMERICA','b'),(2,'ASIA','c'),(3,'EUROPE','d'),(4,'MIDDLE EAST','e');
INSERT INTO nation (n_nationkey, n_name, n_regionkey, n_comment)
SELECT k, n, r, 'nation ' || k FROM (VALUES (0,'ALGERIA',0),(1,'ARGENTINA',1),(2,'BRAZIL',1),(3,'CANADA',1),(4,'EGYPT',4),(5,'ETHIOPIA',0),(6,'FRANCE',3),(7,'GERMANY',3),
 (8,'INDIA',2),(9,'INDONESIA',2),(10,'IRAN',4),(11,'IRAQ',4),(12,'JAPAN',2),(13,'JORDAN',4),(14,'KENYA',0),(15,'MOROCCO',0),(16,'MOZAMBIQUE',0),(17,'PERU',1),(18,'CHINA',2),
 (19,'ROMANIA',3),(20,'SAUDI ARABIA',4),(21,'VIETNAM',2),(22,'RUSSIA',3),(23,'UNITED KINGDOM',3),(24,'UNITED STATES',1)) AS v(k,n,r);
INSERT INTO part
SELECT i, (ARRAY['forest green','blush azure','lemon green','rose dim','navy green'])[1 + i % 5] || ' part ' || i, 'Manufacturer#' || (1 + i % 5),
       'Brand#' || (ARRAY[12,23,34,45,51])[1 + i % 5],
       (ARRAY['PROMO BURNISHED COPPER','ECONOMY ANODIZED STEEL','MEDIUM POLISHED BRASS','SMALL PLATED BRASS','LARGE BRUSHED TIN'])[1 + (i/3) % 5],
       (ARRAY[49,14,23,45,19,3,36,9,15,5])[1 + i % 10], (ARRAY['SM CASE','MED BOX','MED BAG','LG BOX','LG PACK'])[1 + (i/7) % 5], 900 + i, 'part comment ' || i
FROM generate_series(1,200) i;
INSERT INTO supplier
SELECT i, 'Supplier#' || lpad(i::text,9,'0'), 'addr ' || i, (i - 1) % 25, (10 + (i-1) % 25)::text || '-100-200-' || lpad(i::text,4,'0'), round(i * 97.13 - 500, 2),
       CASE WHEN i % 7 = 0 THEN 'slow Customer bad Complaints' ELSE 'steady supplier ' || i END
FROM generate_series(1,50) i;
INSERT INTO partsupp
SELECT p, 1 + (p * 7 + k * 11) % 50, 100 + (p * k * 31) % 900, round(10 + (p * 13 + k * 29) % 500 + 0.25, 2), 'ps comment'
FROM generate_series(1,200) p, generate_series(0,3) k;
INSERT INTO customer
SELECT i, 'Customer#' || lpad(i::text,9,'0'), 'caddr ' || i, (i * 3) % 25, (10 + (i * 3) % 25)::text || '-333-444-' || lpad(i::text,4,'0'), round((i * 71.7)::numeric % 9000 - 400, 2),
       (ARRAY['BUILDING','AUTOMOBILE','MACHINERY','HOUSEHOLD','FURNITURE'])[1 + i % 5], 'customer comment ' || i
FROM generate_series(1,150) i;
INSERT INTO orders
SELECT i, 1 + (i * 11 + i / 7) % 100, (ARRAY['O','F','P'])[1 + i % 3], 0, DATE '1992-01-01' + (i * 13) % 2400,
       (ARRAY['1-URGENT','2-HIGH','3-MEDIUM','4-NOT SPECIFIED','5-LOW'])[1 + i % 5], 'Clerk#' || lpad((i % 10)::text,9,'0'), 0,
       CASE WHEN i % 17 = 0 THEN 'special packages requests' ELSE 'order comment ' || i END
FROM generate_series(1,600) i;
INSERT INTO lineitem
SELECT o.o_orderkey, p, s, l, q, round(q * (900 + p), 2), ((o.o_orderkey + l) % 11) / 100.0, ((o.o_orderkey * l) % 9) / 100.0,
       CASE WHEN o.o_orderdate < DATE '1995-06-17' THEN (ARRAY['R','A'])[1 + (o.o_orderkey + l) % 2] ELSE 'N' END,
       CASE WHEN o.o_orderdate < DATE '1995-06-17' THEN 'F' ELSE 'O' END,
       o.o_orderdate + (1 + (o.o_orderkey * 7 + l * 3) % 120), o.o_orderdate + (30 + (o.o_orderkey * 5 + l) % 60),
       o.o_orderdate + (1 + (o.o_orderkey * 7 + l * 3) % 120) + (1 + (o.o_orderkey + l) % 29),
       (ARRAY['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'])[1 + (o.o_orderkey + l) % 4],
       (ARRAY['MAIL','SHIP','AIR','AIR REG','TRUCK','RAIL','FOB'])[1 + (o.o_orderkey + l) % 7], 'l comment'
FROM orders o, generate_series(1,4) l,
     LATERAL (SELECT 1 + (o.o_orderkey * 17 + l * 23) % 200 AS p, CASE WHEN o.o_orderkey % 40 = 0 THEN 80 + (l * 3) ELSE 1 + (o.o_orderkey * 3 + l * 19) % 50 END AS q) x,
     LATERAL (SELECT 1 + (x.p * 7 + (l % 4) * 11) % 50 AS s) y
WHERE l <= 1 + o.o_orderkey % 4 OR o.o_orderkey % 40 = 0;
UPDATE orders o SET o_totalprice = (SELECT sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)) FROM lineitem l WHERE l.l_orderkey = o.o_orderkey);
SET search_path = public;

----------------------------------------------------------------------
-- ownership and privileges: guard_owner owns everything that is an
-- application object; guard_reader is a least-privilege role
----------------------------------------------------------------------
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT c.oid::regclass AS o, c.relkind FROM pg_class c
           WHERE c.relnamespace IN ('public'::regnamespace,'analytics'::regnamespace,'private'::regnamespace,'parts'::regnamespace)
             AND c.relkind IN ('r','p','v','m','f','S')
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype IN ('e','a','i') AND (d.deptype='e' OR c.relkind='S'))
  LOOP
    EXECUTE format('ALTER %s %s OWNER TO guard_owner',
      CASE r.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, r.o);
  END LOOP;
  FOR r IN SELECT p.oid::regprocedure AS o, p.prokind FROM pg_proc p
           WHERE p.pronamespace IN ('public'::regnamespace,'private'::regnamespace)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid='pg_proc'::regclass AND d.objid=p.oid AND d.deptype='e')
             AND p.proname NOT IN ('sd_write','run_sql')          -- the SECURITY DEFINER ones that stay with the superuser
  LOOP
    EXECUTE format('ALTER %s %s OWNER TO guard_owner',
      CASE r.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, r.o);
  END LOOP;
END $$;
ALTER SCHEMA analytics OWNER TO guard_owner;
ALTER SCHEMA private OWNER TO guard_owner;
ALTER SCHEMA parts OWNER TO guard_owner;
GRANT ALL ON SCHEMA public TO guard_owner;
GRANT USAGE ON FOREIGN SERVER files, loopback TO guard_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, analytics TO guard_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public, analytics TO guard_reader;
GRANT SELECT ON SEQUENCE public.order_no_seq TO guard_reader;
REVOKE ALL ON public.users, public.users_archive, public.passwords, public.passwords_p1, public.passwords_p2, public.api_keys, analytics.api_keys,
  public.v_active_users, public.v_user_count, public.v_nested_users, public.mv_user_emails, public.v_salary_stats, public.v_user_const,
  public.v_customers_not_users, public.v_fn_users, public.v_side_effect, public.v_files, public.ext_passwd, public.remote_accounts, public.audit_log FROM guard_reader;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA private FROM PUBLIC;
DO $$
DECLARE r record;
BEGIN   -- user functions are not for the reader; extension functions stay executable
  FOR r IN SELECT p.oid::regprocedure AS o FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid='pg_proc'::regclass AND d.objid=p.oid AND d.deptype='e')
             AND p.proname NOT IN ('policy_fn')
  LOOP EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', r.o); EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO guard_owner', r.o); END LOOP;
END $$;
DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO guard_owner, guard_reader', current_database()); 
            EXECUTE format('GRANT TEMPORARY, CREATE ON DATABASE %I TO guard_owner', current_database()); END $$;

ANALYZE;
SELECT 'schema loaded: ' || count(*) || ' relations' AS ok FROM pg_class
WHERE relnamespace IN ('public'::regnamespace,'analytics'::regnamespace,'private'::regnamespace,'parts'::regnamespace) AND relkind IN ('r','p','v','m','f');
