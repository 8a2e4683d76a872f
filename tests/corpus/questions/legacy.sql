-- Werkzeug Brandt, a tool wholesaler that does not exist, as an ERP system of 1994 would store it:
-- codes for words, dates as numbers, no foreign keys, rows that are deleted by a flag. Only
-- legacy.semantics.yaml makes it answerable.
--
-- Everything follows from arithmetic on md5(), never random(), so that every load gives the same rows.

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';

-- A number in [0, bound) that depends on nothing but its arguments.
CREATE FUNCTION pg_temp.pick(salt text, key bigint, bound int) RETURNS int
LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(salt || key::text), 1, 7))::bit(28)::int % bound $$;

-- A day as the number 20240131.
CREATE FUNCTION pg_temp.day_number(day date) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT to_char(day, 'YYYYMMDD')::int $$;

CREATE SCHEMA erp;
CREATE SCHEMA "Lager";

CREATE TABLE erp."T_KND01" (
    "KNDNR" int PRIMARY KEY, "Name1" text, "Name2" text, "PLZ" char(5), "ORT" text, "LKZ" varchar(3),
    "KGRP" char(1), "VTRNR" int, "KRLIM" numeric(12,2), "SPERR" char(1), "AnlDat" int, "LOEKZ" char(1)
);
INSERT INTO erp."T_KND01"
SELECT 10000 + n,
    ('{Bauhof,Schreinerei,Metallbau,Autohaus,Gärtnerei,Elektro,Sanitär,Dachdecker}'::text[])[1 + pg_temp.pick('trade', n, 8)]
        || ' ' || ('{Huber,Vogt,Keller,Lenz,Moser,Roth,Sauer,Thoma,Ulrich,Weiss}'::text[])[1 + pg_temp.pick('owner', n, 10)],
    CASE WHEN n % 5 = 0 THEN 'Filiale ' || n END,
    lpad((10000 + pg_temp.pick('plz', n, 89999))::text, 5, '0'),
    ('{München,Köln,Graz,Zürich,Straßburg,Leipzig,Ulm,Linz}'::text[])[1 + pg_temp.pick('ort', n, 8)],
    ('{D,D,A,CH,F,D,D,A}'::text[])[1 + pg_temp.pick('ort', n, 8)],
    ('{A,B,B,C,C,C}'::text[])[1 + pg_temp.pick('kgrp', n, 6)], 1 + pg_temp.pick('vtr', n, 9),
    500 * (1 + pg_temp.pick('krlim', n, 60)), CASE WHEN pg_temp.pick('sperr', n, 14) = 0 THEN 'J' ELSE 'N' END,
    pg_temp.day_number(date '2008-01-01' + pg_temp.pick('anl', n, 5800)),
    CASE WHEN pg_temp.pick('loekz', n, 9) = 0 THEN 'X' END
FROM generate_series(1, 240) AS n;

CREATE TABLE erp."T_VTR01" ("VTRNR" int PRIMARY KEY, "VName" text, "GEBIET" text, "PROVSATZ" numeric(4,2), "LOEKZ" char(1));
INSERT INTO erp."T_VTR01"
SELECT n, ('{Adler,Brenner,Czerny,Dorn,Engel,Frank,Gruber,Haas,Imhof}'::text[])[n], ('{Nord,Süd,West,Ost}'::text[])[1 + n % 4],
    2 + n % 4 * 0.5, CASE n WHEN 7 THEN 'X' END
FROM generate_series(1, 9) AS n;

CREATE TABLE erp."T_WGR01" ("WGR" int PRIMARY KEY, "BEZ" text);
INSERT INTO erp."T_WGR01" VALUES (100, 'Handwerkzeug'), (200, 'Elektrowerkzeug'), (300, 'Messtechnik'), (400, 'Befestigung'),
    (500, 'Arbeitsschutz'), (600, 'Leitern'), (900, 'Sonstiges');

CREATE TABLE erp."T_ART01" (
    "ARTNR" text PRIMARY KEY, "BEZ1" text, "BEZ2" text, "WGR" int, "ME" varchar(3), "EKP" numeric(10,2), "VKP" numeric(10,2),
    "AuslKz" char(1), "LOEKZ" char(1)
);
INSERT INTO erp."T_ART01"
SELECT 'A' || 1000 + n,
    ('{Hammer,Zange,Bohrmaschine,Wasserwaage,Dübel,Helm,Leiter,Säge,Schraube,Handschuh}'::text[])[1 + n % 10] || ' ' || n,
    CASE WHEN n % 3 = 0 THEN 'Profi' END, (ARRAY[100, 100, 200, 300, 400, 500, 600, 100, 400, 500])[1 + n % 10],
    ('{ST,ST,ST,ST,PAK,ST,ST,ST,PAK,PAA}'::text[])[1 + n % 10], price, round(price * (1.2 + pg_temp.pick('vkp', n, 60) / 100.0), 2),
    CASE WHEN pg_temp.pick('ausl', n, 8) = 0 THEN 'J' ELSE 'N' END, CASE WHEN pg_temp.pick('adel', n, 15) = 0 THEN 'X' END
FROM generate_series(1, 150) AS n, LATERAL (SELECT 2 + pg_temp.pick('ekp', n, 24000) / 100.0 AS price) AS purchase;

CREATE TABLE erp."T_AUF01" (
    "AUFNR" int PRIMARY KEY, "KNDNR" int, "AUFDAT" int, "STAT" smallint, "VTRNR" int, "QUELLE" char(1), "LOEKZ" char(1)
);
INSERT INTO erp."T_AUF01"
SELECT 500000 + n, 10001 + pg_temp.pick('aknd', n, 225), pg_temp.day_number(date '2023-01-01' + pg_temp.pick('adat', n, 1095)),
    (ARRAY[10, 20, 30, 40, 40, 40, 40, 40, 90])[1 + pg_temp.pick('stat', n, 9)], 1 + pg_temp.pick('avtr', n, 9),
    ('{T,F,W,W}'::text[])[1 + pg_temp.pick('quelle', n, 4)], CASE WHEN pg_temp.pick('aloe', n, 20) = 0 THEN 'X' END
FROM generate_series(1, 900) AS n;

CREATE TABLE erp."T_AUF02" ("AUFNR" int, "POS" smallint, "ARTNR" text, "MGE" int, "PREIS" numeric(10,2), "RAB" numeric(4,1));
INSERT INTO erp."T_AUF02"
SELECT 500000 + n, pos, "ARTNR", 1 + pg_temp.pick('mge' || pos, n, 20), "VKP", (ARRAY[0, 0, 0, 5, 10])[1 + pg_temp.pick('rab' || pos, n, 5)]
FROM generate_series(1, 900) AS n, generate_series(1, 3) AS pos
JOIN erp."T_ART01" ON true
WHERE pos <= 1 + pg_temp.pick('npos', n, 3) AND "ARTNR" = 'A' || 1001 + pg_temp.pick('art' || pos, n, 140);

CREATE TABLE erp."T_RGK01" (
    "RGNR" int PRIMARY KEY, "AUFNR" int, "KNDNR" int, "RgArt" char(2), "RGDAT" date, "FAELL" date, "NETTO" numeric(12,2),
    "BRUTTO" numeric(12,2), "STORNO" char(1)
);
INSERT INTO erp."T_RGK01"
SELECT 700000 + row_number() OVER (ORDER BY "AUFNR"), "AUFNR", "KNDNR",
    CASE WHEN pg_temp.pick('rgart', "AUFNR", 12) = 0 THEN 'GU' ELSE 'RE' END, day, day + 30, net, round(net * 1.19, 2),
    CASE WHEN pg_temp.pick('storno', "AUFNR", 25) = 0 THEN 'J' ELSE 'N' END
FROM (SELECT "AUFNR", "KNDNR", to_date("AUFDAT"::text, 'YYYYMMDD') + 5 AS day,
             round(sum("MGE" * "PREIS" * (1 - "RAB" / 100)), 2) AS net
      FROM erp."T_AUF01" JOIN erp."T_AUF02" USING ("AUFNR")
      WHERE "STAT" = 40
      GROUP BY "AUFNR", "KNDNR", "AUFDAT") AS billed;

CREATE TABLE erp."T_ZLG01" ("ZLGNR" int PRIMARY KEY, "RGNR" int, "ZDAT" date, "BETR" numeric(12,2), "ZART" smallint);
INSERT INTO erp."T_ZLG01"
SELECT "RGNR" + 100000, "RGNR", "RGDAT" + 3 + pg_temp.pick('zdat', "RGNR", 60), "BRUTTO", 1 + pg_temp.pick('zart', "RGNR", 3)
FROM erp."T_RGK01"
WHERE "RgArt" = 'RE' AND "STORNO" = 'N' AND pg_temp.pick('paid', "RGNR", 8) > 0;

CREATE TABLE erp."T_MAH01" ("RGNR" int, "STUFE" smallint, "MDAT" date);
INSERT INTO erp."T_MAH01"
SELECT "RGNR", step, "FAELL" + step * 14
FROM erp."T_RGK01", generate_series(1, 3) AS step
WHERE "RgArt" = 'RE' AND pg_temp.pick('mahn', "RGNR", 10) >= 6 + step;

CREATE TABLE erp."T_SPD01" ("SPED" char(3) PRIMARY KEY, "BEZ" text);
INSERT INTO erp."T_SPD01" VALUES ('DHL', 'DHL Freight'), ('SCH', 'Schenker'), ('DAC', 'Dachser'), ('EIG', 'Eigener Fuhrpark');

CREATE TABLE erp."T_LFS01" ("LFSNR" int PRIMARY KEY, "AUFNR" int, "LFDAT" date, "SPED" char(3), "GEW" numeric(8,1));
INSERT INTO erp."T_LFS01"
SELECT "AUFNR" + 300000, "AUFNR", to_date("AUFDAT"::text, 'YYYYMMDD') + 1 + pg_temp.pick('lfdat', "AUFNR", 12),
    ('{DHL,SCH,DAC,EIG}'::text[])[1 + pg_temp.pick('sped', "AUFNR", 4)], 1 + pg_temp.pick('gew', "AUFNR", 4000) / 10.0
FROM erp."T_AUF01" WHERE "STAT" IN (30, 40);

CREATE TABLE erp."T_LIE01" ("LIENR" int PRIMARY KEY, "Name1" text, "LKZ" varchar(3), "ZBED" smallint, "LOEKZ" char(1));
INSERT INTO erp."T_LIE01"
SELECT 8000 + n, 'Werk ' || ('{Solingen,Remscheid,Suhl,Lyon,Brno,Steyr,Bilbao,Essen}'::text[])[1 + n % 8] || ' ' || n,
    ('{D,D,D,F,CZ,A,E,D}'::text[])[1 + n % 8], (ARRAY[14, 30, 60])[1 + n % 3], CASE WHEN n % 11 = 0 THEN 'X' END
FROM generate_series(1, 24) AS n;

CREATE TABLE erp."T_BES01" ("BESNR" int PRIMARY KEY, "LIENR" int, "BESDAT" int, "WEDAT" int, "STAT" smallint);
INSERT INTO erp."T_BES01"
SELECT 300000 + n, 8001 + pg_temp.pick('lie', n, 24), pg_temp.day_number(day),
    CASE WHEN pg_temp.pick('we', n, 6) > 0 THEN pg_temp.day_number(day + 4 + pg_temp.pick('lz', n, 25)) END,
    CASE WHEN pg_temp.pick('we', n, 6) > 0 THEN 50 ELSE 20 END
FROM generate_series(1, 200) AS n, LATERAL (SELECT date '2024-01-01' + pg_temp.pick('bdat', n, 700) AS day) AS ordered;

CREATE TABLE erp."T_BES02" ("BESNR" int, "POS" smallint, "ARTNR" text, "MGE" int, "EKP" numeric(10,2));
INSERT INTO erp."T_BES02"
SELECT 300000 + n, pos, "ARTNR", 10 * (1 + pg_temp.pick('bmge' || pos, n, 20)), "EKP"
FROM generate_series(1, 200) AS n, generate_series(1, 2) AS pos
JOIN erp."T_ART01" ON true
WHERE "ARTNR" = 'A' || 1001 + pg_temp.pick('bart' || pos, n, 150);

CREATE TABLE erp."T_ABT01" ("ABTKZ" char(2) PRIMARY KEY, "BEZ" text);
INSERT INTO erp."T_ABT01" VALUES ('EK', 'Einkauf'), ('VK', 'Verkauf'), ('LG', 'Lager'), ('BH', 'Buchhaltung'), ('KD', 'Kundendienst');

CREATE TABLE erp."T_PER01" (
    "PERNR" int PRIMARY KEY, "Nachname" text, "Vorname" text, "ABTKZ" char(2), "EINTR" date, "AUSTR" date, "GEHKL" smallint
);
INSERT INTO erp."T_PER01"
SELECT 100 + n, ('{Bauer,Fuchs,Graf,Jung,Koch,Lang,Maier,Noll,Pohl,Riedl}'::text[])[1 + n % 10],
    ('{Anja,Bernd,Claudia,Dieter,Eva,Fritz,Gisela}'::text[])[1 + n % 7], ('{EK,VK,VK,LG,LG,BH,KD}'::text[])[1 + pg_temp.pick('abt', n, 7)],
    date '1996-01-01' + pg_temp.pick('eintr', n, 9800), CASE WHEN n % 6 = 0 THEN date '2023-03-31' + n * 7 END, 3 + pg_temp.pick('gehkl', n, 9)
FROM generate_series(1, 70) AS n;

CREATE TABLE erp."T_REK01" (
    "REKNR" int PRIMARY KEY, "AUFNR" int, "POS" smallint, "GRUND" char(1), "REKDAT" date, "ERL" char(1), "PERNR" int
);
INSERT INTO erp."T_REK01"
SELECT 40000 + row_number() OVER (ORDER BY "AUFNR", "POS"), "AUFNR", "POS",
    ('{B,F,M,Z}'::text[])[1 + pg_temp.pick('grund', "AUFNR", 4)], to_date("AUFDAT"::text, 'YYYYMMDD') + 20,
    CASE WHEN pg_temp.pick('erl', "AUFNR", 4) > 0 THEN 'J' ELSE 'N' END, 101 + pg_temp.pick('rper', "AUFNR", 70)
FROM erp."T_AUF01" JOIN erp."T_AUF02" USING ("AUFNR")
WHERE "STAT" IN (30, 40) AND pg_temp.pick('rek' || "POS", "AUFNR", 11) = 0;

-- What the years have left behind; no question is about it.
CREATE TABLE erp."T_KND01_BAK" AS SELECT * FROM erp."T_KND01" WHERE "KNDNR" < 10100;
CREATE TABLE erp."TMP_AUF_ALT" AS SELECT * FROM erp."T_AUF01" WHERE "AUFDAT" < 20230401;
CREATE TABLE erp."T_PRM00" ("PRMKEY" text, "PRMVAL" text);
CREATE TABLE erp."T_USR99" ("USRID" text, "PERNR" int, "LOGDAT" int);

CREATE TABLE "Lager"."LgOrt" ("LgOrt" char(4) PRIMARY KEY, "Bez" text, "Typ" char(1));
INSERT INTO "Lager"."LgOrt" VALUES ('HL01', 'Hauptlager Halle 1', 'H'), ('HL02', 'Hauptlager Halle 2', 'H'),
    ('AL01', 'Außenlager Ulm', 'A'), ('SP01', 'Sperrlager', 'S');

CREATE TABLE "Lager"."LgBest" ("LgOrt" char(4), "ArtNr" text, "Menge" int, "MindMge" int);
INSERT INTO "Lager"."LgBest"
SELECT "LgOrt", "ARTNR", pg_temp.pick('menge' || "LgOrt", substr("ARTNR", 2)::int, 120), 10 + pg_temp.pick('mind', substr("ARTNR", 2)::int, 30)
FROM "Lager"."LgOrt", erp."T_ART01"
WHERE pg_temp.pick('best' || "LgOrt", substr("ARTNR", 2)::int, 3) < CASE "Typ" WHEN 'H' THEN 2 ELSE 1 END;

CREATE TABLE "Lager"."LgBew" ("BewNr" int PRIMARY KEY, "LgOrt" char(4), "ArtNr" text, "BewArt" char(1), "Menge" int, "BewDat" date);
INSERT INTO "Lager"."LgBew"
SELECT n, ('{HL01,HL02,AL01,SP01}'::text[])[1 + pg_temp.pick('bort', n, 4)], 'A' || 1001 + pg_temp.pick('wart', n, 150),
    ('{Z,A,A,U,I}'::text[])[1 + pg_temp.pick('bewart', n, 5)], 1 + pg_temp.pick('bmenge', n, 50),
    date '2025-01-01' + pg_temp.pick('bewdat', n, 365)
FROM generate_series(1, 800) AS n;

ANALYZE;
COMMIT;
