-- Sample database of `pgparley demo`: Skerry Lines, a ferry company that does not exist.
--
-- Nine ports, ten vessels, eighteen months of sailings, bookings, weather and surveys: about
-- 200,000 rows. Everything follows from arithmetic on md5(), never random(), so that every load
-- gives the same rows. All people, addresses and secrets are made up.
--
-- Load it by hand into an empty database with: psql -v ON_ERROR_STOP=1 -f demo/sample.sql

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';

-- A number in [0, bound) that depends on nothing but its arguments.
CREATE FUNCTION pg_temp.pick(salt text, key bigint, bound int) RETURNS int
LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(salt || key::text), 1, 7))::bit(28)::int % bound $$;

CREATE SCHEMA analytics;
COMMENT ON SCHEMA public IS 'Operations of Skerry Lines: timetable, bookings, crew, freight';
COMMENT ON SCHEMA analytics IS 'What the planning office measures: weather, surveys, targets';

CREATE TYPE vessel_kind AS ENUM ('car_ferry', 'catamaran', 'freighter', 'water_taxi');
CREATE TYPE sailing_status AS ENUM ('arrived', 'diverted', 'cancelled');
CREATE TYPE fare_class AS ENUM ('adult', 'child', 'senior', 'islander', 'bicycle', 'car', 'van');
CREATE TYPE booking_status AS ENUM ('held', 'travelled', 'refunded', 'no_show');
CREATE TYPE payment_method AS ENUM ('card', 'invoice', 'island_pass', 'cash');
CREATE TYPE crew_role AS ENUM ('captain', 'mate', 'engineer', 'deckhand', 'steward');
CREATE TYPE analytics.survey_channel AS ENUM ('email', 'kiosk', 'app');

-- Ports, vessels, routes, fares ---------------------------------------------------------------

CREATE TABLE ports (
    port_id     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        char(3) NOT NULL UNIQUE,
    name        text NOT NULL,
    island      text,
    latitude    numeric(8,5) NOT NULL,
    longitude   numeric(8,5) NOT NULL,
    facilities  text[] NOT NULL DEFAULT '{}',
    opened_on   date NOT NULL
);
COMMENT ON TABLE ports IS 'Harbours that Skerry Lines calls at';
COMMENT ON COLUMN ports.code IS 'Three letters, as printed on tickets';
COMMENT ON COLUMN ports.island IS 'Null for the mainland';
COMMENT ON COLUMN ports.facilities IS 'What a passenger finds on the quay';

INSERT INTO ports (code, name, island, latitude, longitude, facilities, opened_on) VALUES
    ('SKR', 'Skerrington', NULL, 58.97010, -3.29980,
     '{ticket_office,cafe,car_park,showers}', '1931-05-02'),
    ('ALD', 'Alderhaven', 'Alder', 59.04420, -2.98110,
     '{ticket_office,cafe}', '1931-05-02'),
    ('GAN', 'Gannet Quay', 'Gannet Rock', 59.12250, -2.77450,
     '{shelter}', '1954-06-19'),
    ('KIT', 'Kittiwake Bay', 'Kittiwake', 59.20070, -2.60130,
     '{shelter,bike_hire}', '1948-04-11'),
    ('TRN', 'Ternmouth', 'Tern', 59.16610, -3.12200,
     '{ticket_office,car_park,bike_hire}', '1937-07-30'),
    ('PUF', 'Puffin Sound', 'Puffin', 59.28840, -2.94470,
     '{cafe,shelter}', '1962-03-25'),
    ('SAL', 'Saltmarsh', 'Alder', 59.08330, -2.89020,
     '{shelter,car_park}', '1978-09-01'),
    ('NHM', 'North Holm', 'Holm', 59.35510, -2.87760,
     '{ticket_office,showers}', '1985-05-14'),
    ('LAN', 'Lanternhead', 'Lantern', 59.40120, -2.55330,
     '{shelter}', '2003-08-08');

CREATE TABLE vessels (
    vessel_id     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    kind          vessel_kind NOT NULL,
    seats         int NOT NULL CHECK (seats > 0),
    car_spaces    int NOT NULL DEFAULT 0 CHECK (car_spaces >= 0),
    launched_on   date NOT NULL,
    home_port_id  int NOT NULL REFERENCES ports,
    specs         jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE vessels IS 'The fleet';
COMMENT ON COLUMN vessels.seats IS 'Passengers the vessel is licensed for';
COMMENT ON COLUMN vessels.specs IS 'Builder''s sheet: fuel, knots, engines, stabilisers';

INSERT INTO vessels (name, kind, seats, car_spaces, launched_on, home_port_id, specs) VALUES
    ('Morning Tern', 'car_ferry', 420, 60, '2009-03-14', 1,
     '{"fuel": "diesel", "knots": 16, "engines": 2, "stabilisers": true}'),
    ('Salt Wind', 'car_ferry', 380, 52, '1998-10-02', 1,
     '{"fuel": "diesel", "knots": 15, "engines": 2, "stabilisers": false}'),
    ('Quiet Current', 'car_ferry', 300, 44, '2022-05-21', 2,
     '{"fuel": "battery", "knots": 13, "engines": 4, "stabilisers": true}'),
    ('Kestrel', 'catamaran', 220, 0, '2016-06-30', 1,
     '{"fuel": "diesel", "knots": 32, "engines": 4, "stabilisers": true}'),
    ('Merlin', 'catamaran', 220, 0, '2017-04-12', 5,
     '{"fuel": "hybrid", "knots": 30, "engines": 4, "stabilisers": true}'),
    ('Old Patience', 'car_ferry', 180, 24, '1974-01-17', 5,
     '{"fuel": "diesel", "knots": 11, "engines": 1, "stabilisers": false}'),
    ('Holm Runner', 'water_taxi', 48, 0, '2019-09-09', 8,
     '{"fuel": "hybrid", "knots": 24, "engines": 2, "stabilisers": false}'),
    ('Lamplighter', 'water_taxi', 36, 0, '2021-02-26', 9,
     '{"fuel": "battery", "knots": 20, "engines": 2, "stabilisers": false}'),
    ('Herring Gull', 'freighter', 12, 18, '1989-11-05', 1,
     '{"fuel": "diesel", "knots": 12, "engines": 1, "cranes": 1}'),
    ('Cormorant', 'freighter', 12, 20, '2012-07-19', 2,
     '{"fuel": "hybrid", "knots": 14, "engines": 2, "cranes": 2}');

CREATE TABLE routes (
    route_id        int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin_id       int NOT NULL REFERENCES ports,
    destination_id  int NOT NULL REFERENCES ports,
    usual_vessel_id int NOT NULL REFERENCES vessels,
    nautical_miles  numeric(5,1) NOT NULL,
    crossing        interval NOT NULL,
    UNIQUE (origin_id, destination_id),
    CHECK (origin_id <> destination_id)
);
COMMENT ON TABLE routes IS 'One direction of a line; the way back is a route of its own';
COMMENT ON COLUMN routes.crossing IS 'Time from quay to quay in fair weather';

INSERT INTO routes (origin_id, destination_id, usual_vessel_id, nautical_miles, crossing)
SELECT CASE way WHEN 1 THEN a ELSE b END, CASE way WHEN 1 THEN b ELSE a END, vessel, miles,
       minutes * interval '1 minute'
FROM (VALUES (1, 2, 1, 11.4, 50), (1, 5, 2, 13.2, 60), (1, 4, 4, 25.6, 55), (2, 7, 3, 4.1, 25),
             (5, 6, 5, 9.8, 30), (2, 3, 6, 8.3, 50), (6, 8, 7, 4.6, 20), (8, 9, 8, 10.2, 40))
     AS line (a, b, vessel, miles, minutes), generate_series(1, 2) AS way;

CREATE TABLE fares (
    fare_id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    route_id   int NOT NULL REFERENCES routes,
    class      fare_class NOT NULL,
    price      numeric(12,2) NOT NULL CHECK (price >= 0),
    UNIQUE (route_id, class)
);
COMMENT ON TABLE fares IS 'Price list, one row for a route and a class';
COMMENT ON COLUMN fares.price IS 'EUR, taxes included';

INSERT INTO fares (route_id, class, price)
SELECT route_id, class, round((4 + nautical_miles * 0.65) * factor, 1)
FROM routes,
     (VALUES ('adult'::fare_class, 1.0), ('child', 0.5), ('senior', 0.7), ('islander', 0.4),
             ('bicycle', 0.3), ('car', 3.2), ('van', 5.5)) AS list (class, factor)
ORDER BY route_id, class;

-- Secrets: tables that an assistant has no business with --------------------------------------

CREATE TABLE users (
    user_id     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login       text NOT NULL UNIQUE,
    email       text NOT NULL,
    is_admin    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL
);
COMMENT ON TABLE users IS 'Staff accounts of the booking system';
INSERT INTO users (login, email, is_admin, created_at)
SELECT 'staff' || n, 'staff' || n || '@skerry.example', n <= 2,
       timestamptz '2024-01-08 09:00Z' + n * interval '3 days'
FROM generate_series(1, 40) AS n;

CREATE TABLE passwords (
    user_id     int PRIMARY KEY REFERENCES users,
    hash        text NOT NULL,
    changed_at  timestamptz NOT NULL
);
COMMENT ON TABLE passwords IS 'Password hashes (fake: no password has these hashes)';
INSERT INTO passwords
SELECT user_id, 'FAKE-HASH-OF-THE-DEMO-' || md5(login), created_at FROM users;

CREATE TABLE api_keys (
    key_id      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     int NOT NULL REFERENCES users,
    secret      text NOT NULL UNIQUE,
    scopes      text[] NOT NULL,
    revoked_at  timestamptz
);
COMMENT ON TABLE api_keys IS 'Keys of partner systems (fake: they open nothing)';
INSERT INTO api_keys (user_id, secret, scopes, revoked_at)
SELECT n, 'FAKE-KEY-OF-THE-DEMO-' || md5('key' || n), '{bookings:read,bookings:write}',
       CASE WHEN n % 4 = 0 THEN timestamptz '2025-10-01 00:00Z' END
FROM generate_series(1, 15) AS n;

-- People --------------------------------------------------------------------------------------

CREATE TABLE customers (
    customer_id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    given_name     text NOT NULL,
    family_name    text NOT NULL,
    full_name      text NOT NULL GENERATED ALWAYS AS (given_name || ' ' || family_name) STORED,
    email          text NOT NULL UNIQUE,
    home_port_id   int REFERENCES ports,
    languages      text[] NOT NULL,
    preferences    jsonb NOT NULL,
    registered_at  timestamptz NOT NULL
);
COMMENT ON TABLE customers IS 'People and firms with an account';
COMMENT ON COLUMN customers.home_port_id IS 'Set for islanders, who travel at the islander fare';
COMMENT ON COLUMN customers.preferences IS 'Seat, newsletter, notice by sms or email';

INSERT INTO customers (given_name, family_name, email, home_port_id, languages, preferences, registered_at)
SELECT given[1 + pg_temp.pick('given', n, 20)],
       family[1 + pg_temp.pick('family', n, 20)],
       'traveller' || n || '@mail.example',
       CASE WHEN pg_temp.pick('home', n, 5) = 0 THEN 2 + pg_temp.pick('port', n, 8) END,
       CASE pg_temp.pick('language', n, 6) WHEN 0 THEN '{en,no}' WHEN 1 THEN '{de,en}' WHEN 2 THEN '{fr}'
            ELSE '{en}' END::text[],
       jsonb_build_object(
           'seat', (ARRAY['deck', 'window', 'aisle'])[1 + pg_temp.pick('seat', n, 3)],
           'newsletter', pg_temp.pick('news', n, 3) = 0,
           'notice', (ARRAY['sms', 'email'])[1 + pg_temp.pick('notice', n, 2)]),
       timestamptz '2019-01-01 08:00Z' + pg_temp.pick('since', n, 2900000) * interval '1 minute'
FROM generate_series(1, 6000) AS n,
     (VALUES ('{Ada,Bram,Cleo,Dov,Elin,Finn,Gwen,Hugo,Isla,Joss,Kaia,Lars,Mina,Nils,Orla,Per,Runa,Sven,Tove,Una}'::text[],
              ('{Ashby,Brandt,Corrigan,Dunmore,Eklund,Firth,Grieve,Halcro,Isbister,Jensen,Kerr,Linklater,'
               || 'Moar,Norquay,Oman,Peace,Rendall,Sinclair,Tulloch,Velzian}')::text[])) AS names (given, family);

CREATE TABLE crew_members (
    crew_id       int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    role          crew_role NOT NULL,
    certificates  text[] NOT NULL DEFAULT '{}',
    hired_on      date NOT NULL,
    day_rate      numeric(12,2) NOT NULL
);
COMMENT ON TABLE crew_members IS 'Everyone who works on board';
COMMENT ON COLUMN crew_members.certificates IS 'STCW certificates held';

INSERT INTO crew_members (name, role, certificates, hired_on, day_rate)
SELECT given_name || ' ' || family_name, role,
       CASE role WHEN 'captain' THEN '{II/2,GMDSS,BST}' WHEN 'mate' THEN '{II/1,GMDSS,BST}'
                 WHEN 'engineer' THEN '{III/1,BST}' ELSE '{BST}' END::text[],
       date '2006-02-01' + pg_temp.pick('hired', customer_id, 6900),
       CASE role WHEN 'captain' THEN 410 WHEN 'mate' THEN 290 WHEN 'engineer' THEN 300 ELSE 180 END
       + pg_temp.pick('rate', customer_id, 40)
FROM customers,
     LATERAL (SELECT (enum_range(NULL::crew_role))[CASE WHEN customer_id % 8 < 3 THEN 1 + customer_id % 8
                                                        ELSE 4 + customer_id % 2 END] AS role) AS duty
WHERE customer_id <= 120
ORDER BY customer_id;

CREATE TABLE crew_assignments (
    crew_id    int NOT NULL REFERENCES crew_members,
    vessel_id  int NOT NULL REFERENCES vessels,
    starts_on  date NOT NULL,
    ends_on    date NOT NULL,
    days       int NOT NULL GENERATED ALWAYS AS (ends_on - starts_on) STORED,
    PRIMARY KEY (crew_id, vessel_id, starts_on),
    CHECK (ends_on > starts_on)
);
COMMENT ON TABLE crew_assignments IS 'Four-week turns of duty on a vessel';

INSERT INTO crew_assignments (crew_id, vessel_id, starts_on, ends_on)
SELECT crew_id, 1 + (crew_id + turn / 3) % 10, date '2025-01-01' + turn * 28, date '2025-01-01' + turn * 28 + 21
FROM crew_members, generate_series(0, 18) AS turn;

-- Weather first: it decides how the sailings went ---------------------------------------------

CREATE TABLE analytics.weather_days (
    port_id        int NOT NULL REFERENCES public.ports,
    day            date NOT NULL,
    wind_ms        numeric(4,1) NOT NULL,
    wave_m         numeric(4,1) NOT NULL,
    visibility_km  numeric(4,1) NOT NULL,
    PRIMARY KEY (port_id, day)
);
COMMENT ON TABLE analytics.weather_days IS 'Worst weather between 06:00 and 20:00 at each port';
COMMENT ON COLUMN analytics.weather_days.wind_ms IS 'Mean wind, metres per second';
COMMENT ON COLUMN analytics.weather_days.wave_m IS 'Significant wave height, metres';

INSERT INTO analytics.weather_days
SELECT port_id, day, wind, round(wind * wind / 90 + 0.2, 1),
       greatest(0.3, 24 - pg_temp.pick('fog', port_id * 1000 + n, 240) / 10.0)
FROM (SELECT port_id, n, date '2025-01-01' + n AS day,
             round((5.5 + 3 * cos(n * 6.2832 / 365) + port_id * 0.15)::numeric
                   + pg_temp.pick('front', n, 60) / 10.0
                   + pg_temp.pick('gust', port_id * 1000 + n, 25) / 10.0
                   + CASE WHEN pg_temp.pick('storm', n, 23) = 0 THEN 5 ELSE 0 END, 1) AS wind
      FROM ports, generate_series(0, 545) AS n) AS forecast;

-- Sailings ------------------------------------------------------------------------------------

CREATE TABLE sailings (
    sails_on       date NOT NULL,
    sailing_no     int NOT NULL,
    route_id       int NOT NULL,
    vessel_id      int NOT NULL,
    departs_at     timestamptz NOT NULL,
    departed_at    timestamptz,
    status         sailing_status NOT NULL,
    passengers     int NOT NULL DEFAULT 0,
    delay_minutes  int GENERATED ALWAYS AS ((extract(epoch FROM departed_at - departs_at) / 60)::int) STORED
) PARTITION BY RANGE (sails_on);
COMMENT ON TABLE sailings IS 'Each departure of the timetable and how it went';
COMMENT ON COLUMN sailings.sailing_no IS 'Number in the timetable, unique within a day';
COMMENT ON COLUMN sailings.departed_at IS 'When the lines were let go; null if cancelled';
COMMENT ON COLUMN sailings.passengers IS 'Counted at the gangway, with and without a booking';

CREATE TABLE sailings_2025h1 PARTITION OF sailings FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
CREATE TABLE sailings_2025h2 PARTITION OF sailings FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
CREATE TABLE sailings_2026h1 PARTITION OF sailings FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
COMMENT ON TABLE sailings_2025h1 IS 'January to June 2025';
COMMENT ON TABLE sailings_2025h2 IS 'July to December 2025';
COMMENT ON TABLE sailings_2026h1 IS 'January to June 2026';

INSERT INTO sailings (sails_on, sailing_no, route_id, vessel_id, departs_at, departed_at, status, passengers)
SELECT day, sailing_no, route_id, vessel_id, departs_at,
       CASE WHEN NOT cancelled THEN departs_at + late * interval '1 minute' END,
       CASE WHEN cancelled THEN 'cancelled' WHEN wind_ms > 13.5 AND luck % 4 = 0 THEN 'diverted'
            ELSE 'arrived' END::sailing_status,
       CASE WHEN cancelled THEN 0
            ELSE round(seats * (0.30 + 0.28 * summer + weekend * 0.10 + (luck % 30) / 100.0))::int END
FROM (SELECT w.day, r.route_id * 10 + slot AS sailing_no, r.route_id, w.wind_ms, v.seats, luck,
             CASE WHEN luck % 37 = 0 THEN 6 ELSE r.usual_vessel_id END AS vessel_id,
             w.day + time '06:40' + slot * interval '3 hours 20 minutes'
                 + r.route_id * interval '5 minutes' AS departs_at,
             w.wind_ms > 16.5 OR (w.wind_ms > 15 AND luck % 3 = 0) OR luck % 211 = 0 AS cancelled,
             greatest(0, (w.wind_ms - 8) * 2.5 + luck % 9 - 3 + CASE WHEN luck % 29 = 0 THEN 25 ELSE 0 END)::int AS late,
             (1 - cos((extract(doy FROM w.day) - 15) * 6.2832 / 365)::numeric) / 2 AS summer,
             CASE WHEN extract(isodow FROM w.day) >= 5 THEN 1 ELSE 0 END AS weekend
      FROM routes AS r
      JOIN vessels AS v ON v.vessel_id = r.usual_vessel_id
      JOIN analytics.weather_days AS w ON w.port_id = r.origin_id,
      generate_series(1, 3) AS slot,
      LATERAL (SELECT pg_temp.pick('luck', (w.day - date '2025-01-01') * 1000 + r.route_id * 10 + slot,
                                   9973) AS luck) AS dice) AS timetable
ORDER BY day, sailing_no;

ALTER TABLE sailings
    ADD PRIMARY KEY (sails_on, sailing_no),
    ADD FOREIGN KEY (route_id) REFERENCES routes,
    ADD FOREIGN KEY (vessel_id) REFERENCES vessels;
CREATE INDEX ON sailings (route_id, sails_on);

CREATE TABLE incidents (
    incident_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sails_on     date NOT NULL,
    sailing_no   int NOT NULL,
    cause        text NOT NULL CHECK (cause IN ('weather', 'engine', 'medical', 'loading', 'traffic')),
    minutes      int NOT NULL,
    narrative    text NOT NULL,
    reported_by  int NOT NULL REFERENCES users,
    reported_at  timestamptz NOT NULL,
    FOREIGN KEY (sails_on, sailing_no) REFERENCES sailings
);
COMMENT ON TABLE incidents IS 'Log entries for sailings that were 15 minutes late or more';

INSERT INTO incidents (sails_on, sailing_no, cause, minutes, narrative, reported_by, reported_at)
SELECT sails_on, sailing_no, cause, delay_minutes,
       CASE cause WHEN 'weather' THEN 'Swell at the berth, lines doubled before boarding.'
                  WHEN 'engine' THEN 'Cooling water alarm, filter changed alongside.'
                  WHEN 'medical' THEN 'Passenger unwell, waited for the ambulance.'
                  WHEN 'loading' THEN 'Trailer overhang, car deck reloaded.'
                  ELSE 'Held outside for an arriving freighter.' END,
       1 + pg_temp.pick('reporter', n, 40), departed_at + interval '40 minutes'
FROM (SELECT s.*, CASE WHEN w.wind_ms > 13 THEN 'weather'
                          ELSE (ARRAY['engine', 'medical', 'loading', 'traffic'])[1 + pg_temp.pick('cause', n, 4)] END AS cause
      FROM (SELECT *, row_number() OVER (ORDER BY sails_on, sailing_no) AS n
            FROM sailings WHERE delay_minutes >= 15) AS s
      JOIN routes AS r USING (route_id)
      JOIN analytics.weather_days AS w ON w.port_id = r.origin_id AND w.day = s.sails_on) AS log
ORDER BY n;

-- Bookings ------------------------------------------------------------------------------------

CREATE TABLE bookings (
    booking_id   bigint GENERATED ALWAYS AS IDENTITY,
    reference    text NOT NULL,
    customer_id  int NOT NULL,
    sails_on     date NOT NULL,
    sailing_no   int NOT NULL,
    status       booking_status NOT NULL,
    booked_at    timestamptz NOT NULL,
    extras       jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE bookings IS 'Online bookings; most passengers still pay on the quay';
COMMENT ON COLUMN bookings.reference IS 'What the customer reads out at the gate';
COMMENT ON COLUMN bookings.extras IS 'meal, dog, wheelchair: only what was asked for';

INSERT INTO bookings (reference, customer_id, sails_on, sailing_no, status, booked_at, extras)
SELECT 'SK-' || upper(lpad(to_hex(n * 40503 % 1048576), 5, '0')),
       1 + pg_temp.pick('customer', n, 6000), sails_on, sailing_no,
       CASE WHEN status = 'cancelled' THEN 'refunded'
            WHEN pg_temp.pick('status', n, 100) < 4 THEN 'refunded'
            WHEN pg_temp.pick('status', n, 100) < 7 THEN 'no_show'
            WHEN pg_temp.pick('status', n, 100) < 9 THEN 'held'
            ELSE 'travelled' END::booking_status,
       departs_at - (1 + pg_temp.pick('ahead', n, 86400)) * interval '1 minute',
       CASE pg_temp.pick('extra', n, 12) WHEN 0 THEN '{"dog": true}' WHEN 1 THEN '{"meal": "fish pie"}'
            WHEN 2 THEN '{"meal": "lentil soup", "wheelchair": true}' ELSE '{}' END::jsonb
FROM (SELECT *, row_number() OVER (ORDER BY sails_on, sailing_no, nth) AS n
      FROM sailings,
      LATERAL (SELECT pg_temp.pick('seats', (sails_on - date '2025-01-01') * 1000 + sailing_no, 60) AS spread) AS dice,
      generate_series(1, (passengers + spread) / 76) AS nth) AS seats
ORDER BY n;

ALTER TABLE bookings
    ADD PRIMARY KEY (booking_id),
    ADD UNIQUE (reference),
    ADD FOREIGN KEY (customer_id) REFERENCES customers,
    ADD FOREIGN KEY (sails_on, sailing_no) REFERENCES sailings;
CREATE INDEX ON bookings (customer_id);
CREATE INDEX ON bookings (sails_on, sailing_no);

CREATE TABLE booking_items (
    booking_id  bigint NOT NULL,
    line_no     smallint NOT NULL,
    fare_id     int NOT NULL,
    quantity    int NOT NULL CHECK (quantity > 0),
    unit_price  numeric(12,2) NOT NULL,
    amount      numeric(12,2) NOT NULL GENERATED ALWAYS AS (quantity * unit_price) STORED
);
COMMENT ON TABLE booking_items IS 'Lines of a booking: who and what travels, at which price';
COMMENT ON COLUMN booking_items.unit_price IS 'EUR; the fare on the day of booking';
COMMENT ON COLUMN booking_items.amount IS 'EUR; quantity times unit_price';

INSERT INTO booking_items (booking_id, line_no, fare_id, quantity, unit_price)
SELECT booking_id, line_no, fare_id, quantity, price
FROM (SELECT b.booking_id, line_no, s.route_id, v.car_spaces,
             CASE line_no
                 WHEN 1 THEN CASE WHEN c.home_port_id IS NOT NULL THEN 'islander'
                                  WHEN pg_temp.pick('age', booking_id, 6) = 0 THEN 'senior' ELSE 'adult' END
                 WHEN 2 THEN CASE WHEN v.car_spaces = 0 OR pg_temp.pick('wheels', booking_id, 3) = 0 THEN 'bicycle'
                                  WHEN pg_temp.pick('wheels', booking_id, 9) = 1 THEN 'van' ELSE 'car' END
                 ELSE 'child' END::fare_class AS class,
             CASE line_no WHEN 2 THEN 1 ELSE 1 + pg_temp.pick('many' || line_no, booking_id, 3) END AS quantity
      FROM bookings AS b
      JOIN customers AS c USING (customer_id)
      JOIN sailings AS s USING (sails_on, sailing_no)
      JOIN vessels AS v USING (vessel_id),
      generate_series(1, 3) AS line_no
      WHERE line_no = 1 OR pg_temp.pick('line' || line_no, booking_id, 100) < 70 - line_no * 15) AS line
JOIN fares USING (route_id, class)
ORDER BY booking_id, line_no;

ALTER TABLE booking_items
    ADD PRIMARY KEY (booking_id, line_no),
    ADD FOREIGN KEY (booking_id) REFERENCES bookings,
    ADD FOREIGN KEY (fare_id) REFERENCES fares;

CREATE TABLE payments (
    payment_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id   bigint NOT NULL,
    method       payment_method NOT NULL,
    amount       numeric(12,2) NOT NULL,
    paid_at      timestamptz NOT NULL,
    refunded_at  timestamptz
);
COMMENT ON TABLE payments IS 'One payment for each booking that is not merely held';
COMMENT ON COLUMN payments.amount IS 'EUR; a refund gives back all of it';

INSERT INTO payments (booking_id, method, amount, paid_at, refunded_at)
SELECT booking_id, (enum_range(NULL::payment_method))[1 + pg_temp.pick('method', booking_id, 4)],
       amount, booked_at + interval '2 minutes',
       CASE status WHEN 'refunded' THEN sails_on + time '19:30' END
FROM bookings
JOIN (SELECT booking_id, sum(amount) AS amount FROM booking_items GROUP BY booking_id) AS lines USING (booking_id)
WHERE status <> 'held'
ORDER BY booking_id;

ALTER TABLE payments
    ADD UNIQUE (booking_id),
    ADD FOREIGN KEY (booking_id) REFERENCES bookings;

CREATE TABLE freight_consignments (
    consignment_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipper_id      int NOT NULL REFERENCES customers,
    sails_on        date NOT NULL,
    sailing_no      int NOT NULL,
    goods           text NOT NULL,
    weight_kg       numeric(9,1) NOT NULL CHECK (weight_kg > 0),
    hazard_codes    text[],
    manifest        jsonb NOT NULL,
    charge          numeric(12,2) NOT NULL,
    FOREIGN KEY (sails_on, sailing_no) REFERENCES sailings
);
COMMENT ON TABLE freight_consignments IS 'Goods carried on the car deck or by the freighters';
COMMENT ON COLUMN freight_consignments.hazard_codes IS 'UN numbers; null when harmless';

INSERT INTO freight_consignments (shipper_id, sails_on, sailing_no, goods, weight_kg, hazard_codes, manifest, charge)
SELECT 1 + n * 7 % 300, sails_on, sailing_no, goods, weight,
       CASE goods WHEN 'heating oil' THEN '{UN1202}' WHEN 'gas bottles' THEN '{UN1965,UN1978}' END::text[],
       jsonb_build_object('pallets', 1 + weight::int / 600, 'chilled', goods IN ('fish', 'groceries'),
                          'seal', 'Z' || n),
       round(12 + weight * 0.045, 2)
FROM (SELECT *, ('{fish,groceries,timber,heating oil,mail,sheep,gas bottles,seed potatoes}'::text[])
                    [1 + pg_temp.pick('goods', n, 8)] AS goods,
             40 + pg_temp.pick('weight', n, 24000) / 10.0 AS weight
      FROM (SELECT sails_on, sailing_no, row_number() OVER (ORDER BY sails_on, sailing_no) AS n
            FROM sailings WHERE sailing_no % 10 = 1 AND status = 'arrived') AS first_boat) AS cargo
WHERE n % 2 = 0
ORDER BY n;

-- Analytics -----------------------------------------------------------------------------------

CREATE TABLE analytics.survey_responses (
    response_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id   bigint NOT NULL UNIQUE REFERENCES public.bookings,
    channel      analytics.survey_channel NOT NULL,
    score        int NOT NULL CHECK (score BETWEEN 0 AND 10),
    topics       text[] NOT NULL,
    remark       text,
    answered_at  timestamptz NOT NULL
);
COMMENT ON TABLE analytics.survey_responses IS 'Answers to the question mailed on the day after the trip';
COMMENT ON COLUMN analytics.survey_responses.score IS 'Would you sail with us again? 0 never, 10 surely';
COMMENT ON COLUMN analytics.survey_responses.topics IS 'What the answer was about, ticked by the customer';

INSERT INTO analytics.survey_responses (booking_id, channel, score, topics, remark, answered_at)
SELECT booking_id, (enum_range(NULL::analytics.survey_channel))[1 + pg_temp.pick('channel', booking_id, 3)],
       least(10, greatest(0, 9 - delay_minutes / 4 + pg_temp.pick('mood', booking_id, 5) - 3)),
       array_remove(ARRAY[CASE WHEN delay_minutes >= 10 THEN 'punctuality' END,
                          CASE WHEN delay_minutes >= 14 AND pg_temp.pick('sick', booking_id, 10) < queasy THEN 'seasickness' END,
                          ('{crew,food,price,boarding,cleanliness,view}'::text[])
                              [1 + pg_temp.pick('topic', booking_id, 6)]], NULL),
       CASE WHEN delay_minutes >= 20 THEN 'Nobody told us when we would leave.'
            WHEN pg_temp.pick('remark', booking_id, 4) = 0 THEN 'Lovely crossing, saw porpoises.' END,
       departed_at + interval '1 day'
FROM bookings
JOIN sailings USING (sails_on, sailing_no)
JOIN (SELECT vessel_id, CASE WHEN (specs ->> 'stabilisers')::boolean THEN 2 ELSE 8 END AS queasy
      FROM vessels) AS hull USING (vessel_id)
WHERE bookings.status = 'travelled' AND pg_temp.pick('answers', booking_id, 7) = 0
ORDER BY booking_id;

CREATE TABLE analytics.route_targets (
    route_id  int NOT NULL REFERENCES public.routes,
    month     date NOT NULL CHECK (extract(day FROM month) = 1),
    revenue   numeric(12,2) NOT NULL,
    late_max  numeric(4,3) NOT NULL,
    PRIMARY KEY (route_id, month)
);
COMMENT ON TABLE analytics.route_targets IS 'What the board expects of each route and month';
COMMENT ON COLUMN analytics.route_targets.revenue IS 'EUR from online bookings';
COMMENT ON COLUMN analytics.route_targets.late_max IS 'Share of departures that may be late by 10 minutes or more';

INSERT INTO analytics.route_targets
SELECT route_id, month::date,
       round(nautical_miles * 90 * (1 + pg_temp.pick('target', route_id, 40) / 10.0), -1), 0.150
FROM routes, generate_series(timestamp '2025-01-01', '2026-06-01', '1 month') AS month;

CREATE VIEW departure_board AS
SELECT s.sails_on, s.sailing_no, o.name AS origin, d.name AS destination, v.name AS vessel,
       s.departs_at, s.departs_at + r.crossing AS due_at, s.status, s.delay_minutes
FROM sailings AS s
JOIN routes AS r USING (route_id)
JOIN ports AS o ON o.port_id = r.origin_id
JOIN ports AS d ON d.port_id = r.destination_id
JOIN vessels AS v ON v.vessel_id = s.vessel_id;
COMMENT ON VIEW departure_board IS 'Sailings with the names a passenger knows';

CREATE MATERIALIZED VIEW analytics.monthly_route_revenue AS
SELECT s.route_id, date_trunc('month', b.sails_on::timestamp)::date AS month,
       count(*)::int AS bookings, sum(p.amount) AS revenue
FROM bookings AS b
JOIN payments AS p USING (booking_id)
JOIN sailings AS s USING (sails_on, sailing_no)
WHERE p.refunded_at IS NULL
GROUP BY 1, 2;
COMMENT ON MATERIALIZED VIEW analytics.monthly_route_revenue IS 'Kept revenue from online bookings; refreshed every night';
CREATE UNIQUE INDEX ON analytics.monthly_route_revenue (route_id, month);

ANALYZE;
COMMIT;
