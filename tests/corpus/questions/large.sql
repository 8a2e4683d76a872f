-- Halden Cycles, a maker of bicycles that does not exist: 319 tables in 18 schemas, for questions
-- that must first find the few tables they are about. Similar names mislead on purpose.
--
-- Everything follows from arithmetic on md5(), never random(), so that every load gives the same rows.

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
-- The keys are right by construction; looking each of them up would take as long as all the rest.
SET LOCAL session_replication_role = replica;

-- A number in [0, bound) that depends on nothing but its arguments.
CREATE FUNCTION pg_temp.pick(salt text, key bigint, bound int) RETURNS int
LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(salt || key::text), 1, 7))::bit(28)::int % bound $$;

CREATE SCHEMA core;
COMMENT ON SCHEMA core IS 'Shared reference data';

CREATE TABLE core.countries (
    country_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    iso_code text NOT NULL,
    name text NOT NULL,
    region text NOT NULL CHECK (region IN ('Nordics', 'Western Europe', 'Southern Europe', 'Central Europe',
        'North America', 'Asia')),
    is_eu boolean NOT NULL
);
INSERT INTO core.countries (iso_code, name, region, is_eu)
SELECT ('{DE,NO,SE,DK,FI,NL,BE,FR,ES,IT,PT,AT,CH,PL,CZ,GB,US,CA,JP,TW}'::text[])[1 + (n - 1) % 20],
    ('{Germany,Norway,Sweden,Denmark,Finland,Netherlands,Belgium,France,Spain,Italy,Portugal,Austria,Switzerland,Poland,Czechia,United Kingdom,United States,Canada,Japan,Taiwan}'::text[])[1 + (n - 1) % 20],
    (ARRAY['Western Europe', 'Nordics', 'Nordics', 'Nordics', 'Nordics', 'Western Europe', 'Western Europe',
        'Western Europe', 'Southern Europe', 'Southern Europe', 'Southern Europe', 'Western Europe', 'Western Europe',
        'Central Europe', 'Central Europe', 'Western Europe', 'North America', 'North America', 'Asia', 'Asia'])[n],
    n NOT IN (2, 13, 16, 17, 18, 19, 20)
FROM generate_series(1, 20) AS n;

CREATE TABLE core.currencies (
    currency_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    minor_units int NOT NULL
);
INSERT INTO core.currencies (code, name, minor_units)
SELECT ('{EUR,NOK,SEK,USD,GBP}'::text[])[1 + (n - 1) % 5],
    ('{Euro,Norwegian krone,Swedish krona,US dollar,Pound sterling}'::text[])[1 + (n - 1) % 5],
    2 + pg_temp.pick('currencies.minor_units', n, 2)
FROM generate_series(1, 5) AS n;

CREATE TABLE core.exchange_rates (
    rate_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    currency_id int NOT NULL REFERENCES core.currencies,
    valid_on date NOT NULL,
    rate numeric(12,2) NOT NULL
);
COMMENT ON TABLE core.exchange_rates IS 'Daily rates against the euro';
COMMENT ON COLUMN core.exchange_rates.rate IS 'Units of the currency for one euro';
INSERT INTO core.exchange_rates (currency_id, valid_on, rate)
SELECT 1 + pg_temp.pick('exchange_rates.currency_id', n, 5),
    date '2025-01-01' + pg_temp.pick('exchange_rates.valid_on', n, 365),
    1 + pg_temp.pick('exchange_rates.rate', n, 1100) / 100.0
FROM generate_series(1, 300) AS n;

CREATE TABLE core.languages (
    language_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL
);
INSERT INTO core.languages (code, name)
SELECT ('{en,de,no,sv,fr,es,it,nl}'::text[])[1 + (n - 1) % 8],
    ('{English,German,Norwegian,Swedish,French,Spanish,Italian,Dutch}'::text[])[1 + (n - 1) % 8]
FROM generate_series(1, 8) AS n;

CREATE TABLE core.time_zones (
    time_zone_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    utc_offset_minutes int NOT NULL
);
INSERT INTO core.time_zones (name, utc_offset_minutes)
SELECT 'Time zone ' || n,
    0 + pg_temp.pick('time_zones.utc_offset_minutes', n, 601)
FROM generate_series(1, 10) AS n;

CREATE TABLE core.units_of_measure (
    unit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    description text NOT NULL
);
INSERT INTO core.units_of_measure (code, description)
SELECT ('{pc,kg,m,l,box,pallet,set,hour}'::text[])[1 + (n - 1) % 8],
    'Description ' || n
FROM generate_series(1, 8) AS n;

CREATE TABLE core.holidays (
    holiday_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    country_id int NOT NULL REFERENCES core.countries,
    day date NOT NULL,
    name text NOT NULL
);
COMMENT ON TABLE core.holidays IS 'Public holidays, on which nothing is shipped';
INSERT INTO core.holidays (country_id, day, name)
SELECT 1 + pg_temp.pick('holidays.country_id', n, 20),
    date '2025-01-01' + pg_temp.pick('holidays.day', n, 365),
    ('{New Year,Good Friday,Labour Day,Ascension,Christmas Day,Boxing Day}'::text[])[1 + pg_temp.pick('holidays.name', n, 6)]
FROM generate_series(1, 60) AS n;

CREATE TABLE core.addresses (
    address_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    street text NOT NULL,
    city text NOT NULL,
    postal_code text NOT NULL,
    country_id int NOT NULL REFERENCES core.countries
);
COMMENT ON TABLE core.addresses IS 'Postal addresses of everybody';
INSERT INTO core.addresses (street, city, postal_code, country_id)
SELECT 'Street ' || n,
    ('{Bergen,Hamburg,Malmö,Ghent,Lyon,Porto,Graz,Leeds,Turin,Gdansk,Oslo,Utrecht}'::text[])[1 + pg_temp.pick('addresses.city', n, 12)],
    'Postal ' || n,
    1 + pg_temp.pick('addresses.country_id', n, 20)
FROM generate_series(1, 400) AS n;

CREATE TABLE core.calendar_days (
    day_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    fiscal_quarter text NOT NULL CHECK (fiscal_quarter IN ('Q1', 'Q2', 'Q3', 'Q4')),
    is_working_day boolean NOT NULL
);
COMMENT ON TABLE core.calendar_days IS 'One row for each day of 2025';
INSERT INTO core.calendar_days (day, fiscal_quarter, is_working_day)
SELECT date '2024-12-31' + n,
    ('{Q1,Q2,Q3,Q4}'::text[])[1 + pg_temp.pick('calendar_days.fiscal_quarter', n, 4)],
    pg_temp.pick('calendar_days.is_working_day', n, 4) = 0
FROM generate_series(1, 365) AS n;

CREATE TABLE core.settings (
    setting_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    value text NOT NULL
);
INSERT INTO core.settings (name, value)
SELECT 'Setting ' || n,
    'Value ' || n
FROM generate_series(1, 12) AS n;

CREATE TABLE core.document_types (
    document_type_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO core.document_types (name)
SELECT ('{invoice,delivery note,contract,certificate,manual,photo}'::text[])[1 + (n - 1) % 6]
FROM generate_series(1, 6) AS n;

CREATE TABLE core.tax_codes (
    tax_code_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    percent numeric(12,2) NOT NULL,
    country_id int NOT NULL REFERENCES core.countries
);
INSERT INTO core.tax_codes (code, percent, country_id)
SELECT 'Code ' || n,
    0 + pg_temp.pick('tax_codes.percent', n, 2500) / 100.0,
    1 + pg_temp.pick('tax_codes.country_id', n, 20)
FROM generate_series(1, 6) AS n;

CREATE SCHEMA hr;
COMMENT ON SCHEMA hr IS 'People who work here';

CREATE TABLE hr.departments (
    department_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    parent_department_id int REFERENCES hr.departments,
    floor int NOT NULL
);
INSERT INTO hr.departments (name, parent_department_id, floor)
SELECT ('{Sales,Finance,Human Resources,Production,Logistics,Purchasing,IT,Marketing,Customer Service,Research,Quality,Legal}'::text[])[1 + (n - 1) % 12],
    CASE WHEN pg_temp.pick('departments.parent_department_id?', n, 5) = 0 THEN 1 + pg_temp.pick('departments.parent_department_id', n, 12) END,
    1 + pg_temp.pick('departments.floor', n, 5)
FROM generate_series(1, 12) AS n;

CREATE TABLE hr.job_titles (
    job_title_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    grade int NOT NULL
);
INSERT INTO hr.job_titles (title, grade)
SELECT ('{Welder,Assembler,Accountant,Buyer,Sales manager,Developer,Designer,Recruiter,Driver,Warehouse clerk,Quality engineer,Team lead,Controller,Product manager,Service technician,Painter,Planner,Lawyer,Data analyst,Director}'::text[])[1 + (n - 1) % 20],
    1 + pg_temp.pick('job_titles.grade', n, 12)
FROM generate_series(1, 20) AS n;

CREATE TABLE hr.locations (
    location_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    country_id int NOT NULL REFERENCES core.countries
);
COMMENT ON TABLE hr.locations IS 'Offices and plants where people work';
INSERT INTO hr.locations (name, city, country_id)
SELECT ('{Halden headquarters,Bergen plant,Gdansk plant,Hamburg office,Porto office,Turin studio}'::text[])[1 + (n - 1) % 6],
    ('{Bergen,Hamburg,Malmö,Ghent,Lyon,Porto,Graz,Leeds,Turin,Gdansk,Oslo,Utrecht}'::text[])[1 + pg_temp.pick('locations.city', n, 12)],
    1 + pg_temp.pick('locations.country_id', n, 20)
FROM generate_series(1, 6) AS n;

CREATE TABLE hr.employees (
    employee_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_name text NOT NULL,
    last_name text NOT NULL,
    department_id int NOT NULL REFERENCES hr.departments,
    job_title_id int NOT NULL REFERENCES hr.job_titles,
    location_id int NOT NULL REFERENCES hr.locations,
    manager_id int REFERENCES hr.employees,
    hired_on date NOT NULL,
    left_on date,
    gender text NOT NULL CHECK (gender IN ('f', 'm', 'x'))
);
COMMENT ON TABLE hr.employees IS 'Everyone on the payroll, past and present';
COMMENT ON COLUMN hr.employees.manager_id IS 'Line manager';
COMMENT ON COLUMN hr.employees.left_on IS 'Null while employed';
INSERT INTO hr.employees (first_name, last_name, department_id, job_title_id, location_id, manager_id, hired_on, left_on, gender)
SELECT ('{Anna,Bjorn,Clara,David,Eva,Felix,Greta,Henrik,Ida,Jonas,Karin,Lukas,Maria,Nora,Oskar,Paula}'::text[])[1 + pg_temp.pick('employees.first_name', n, 16)],
    ('{Andersen,Berg,Costa,Dahl,Ek,Fischer,Garcia,Hansen,Ivarsson,Jansen,Kowalski,Larsen,Moreau,Nowak,Olsen,Peters,Rossi}'::text[])[1 + pg_temp.pick('employees.last_name', n, 17)],
    1 + pg_temp.pick('employees.department_id', n, 12),
    1 + pg_temp.pick('employees.job_title_id', n, 20),
    1 + pg_temp.pick('employees.location_id', n, 6),
    CASE WHEN pg_temp.pick('employees.manager_id?', n, 4) > 0 THEN 1 + pg_temp.pick('employees.manager_id', n, 160) END,
    date '2015-01-01' + pg_temp.pick('employees.hired_on', n, 3650),
    CASE WHEN pg_temp.pick('employees.left_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('employees.left_on', n, 365) END,
    ('{f,m,x}'::text[])[1 + pg_temp.pick('employees.gender', n, 3)]
FROM generate_series(1, 160) AS n;

CREATE TABLE hr.employment_contracts (
    contract_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    kind text NOT NULL CHECK (kind IN ('permanent', 'fixed term', 'apprentice', 'intern')),
    weekly_hours int NOT NULL,
    starts_on date NOT NULL,
    ends_on date
);
INSERT INTO hr.employment_contracts (employee_id, kind, weekly_hours, starts_on, ends_on)
SELECT 1 + pg_temp.pick('employment_contracts.employee_id', n, 160),
    ('{permanent,fixed term,apprentice,intern}'::text[])[1 + pg_temp.pick('employment_contracts.kind', n, 4)],
    20 + pg_temp.pick('employment_contracts.weekly_hours', n, 21),
    date '2025-01-01' + pg_temp.pick('employment_contracts.starts_on', n, 365),
    CASE WHEN pg_temp.pick('employment_contracts.ends_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('employment_contracts.ends_on', n, 365) END
FROM generate_series(1, 160) AS n;

CREATE TABLE hr.salaries (
    salary_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    amount numeric(12,2) NOT NULL,
    valid_from date NOT NULL
);
COMMENT ON TABLE hr.salaries IS 'Gross yearly pay; the newest row holds';
COMMENT ON COLUMN hr.salaries.amount IS 'EUR a year, gross';
INSERT INTO hr.salaries (employee_id, amount, valid_from)
SELECT 1 + pg_temp.pick('salaries.employee_id', n, 160),
    28000 + pg_temp.pick('salaries.amount', n, 9200000) / 100.0,
    date '2025-01-01' + pg_temp.pick('salaries.valid_from', n, 365)
FROM generate_series(1, 260) AS n;

CREATE TABLE hr.bonuses (
    bonus_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    amount numeric(12,2) NOT NULL,
    reason text NOT NULL CHECK (reason IN ('performance', 'referral', 'anniversary', 'retention')),
    paid_on date NOT NULL
);
INSERT INTO hr.bonuses (employee_id, amount, reason, paid_on)
SELECT 1 + pg_temp.pick('bonuses.employee_id', n, 160),
    200 + pg_temp.pick('bonuses.amount', n, 880000) / 100.0,
    ('{performance,referral,anniversary,retention}'::text[])[1 + pg_temp.pick('bonuses.reason', n, 4)],
    date '2025-01-01' + pg_temp.pick('bonuses.paid_on', n, 365)
FROM generate_series(1, 80) AS n;

CREATE TYPE hr.absence_kind AS ENUM ('vacation', 'sick', 'parental', 'unpaid');

CREATE TABLE hr.absences (
    absence_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    kind hr.absence_kind NOT NULL,
    starts_on date NOT NULL,
    days int NOT NULL
);
COMMENT ON TABLE hr.absences IS 'Days away from work';
INSERT INTO hr.absences (employee_id, kind, starts_on, days)
SELECT 1 + pg_temp.pick('absences.employee_id', n, 160),
    (('{vacation,sick,parental,unpaid}'::text[])[1 + pg_temp.pick('absences.kind', n, 4)])::hr.absence_kind,
    date '2025-01-01' + pg_temp.pick('absences.starts_on', n, 365),
    1 + pg_temp.pick('absences.days', n, 15)
FROM generate_series(1, 320) AS n;

CREATE TABLE hr.timesheets (
    timesheet_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    work_date date NOT NULL,
    hours numeric(12,2) NOT NULL,
    project_code text NOT NULL
);
INSERT INTO hr.timesheets (employee_id, work_date, hours, project_code)
SELECT 1 + pg_temp.pick('timesheets.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('timesheets.work_date', n, 365),
    2 + pg_temp.pick('timesheets.hours', n, 800) / 100.0,
    'Project ' || n
FROM generate_series(1, 600) AS n;

CREATE TABLE hr.trainings (
    training_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    provider text NOT NULL,
    cost numeric(12,2) NOT NULL,
    is_mandatory boolean NOT NULL
);
COMMENT ON TABLE hr.trainings IS 'Courses offered to staff';
INSERT INTO hr.trainings (title, provider, cost, is_mandatory)
SELECT ('{First aid,Fire safety,Forklift licence,Welding basics,Excel for controllers,Negotiation,GDPR,Lean production,Presentation skills,English B2,Leading teams,Electrics,Machine safety,Project management,SQL}'::text[])[1 + (n - 1) % 15],
    'Provider ' || n,
    100 + pg_temp.pick('trainings.cost', n, 240000) / 100.0,
    pg_temp.pick('trainings.is_mandatory', n, 4) = 0
FROM generate_series(1, 15) AS n;

CREATE TABLE hr.training_attendance (
    training_id int NOT NULL REFERENCES hr.trainings,
    employee_id int NOT NULL REFERENCES hr.employees,
    completed_on date,
    score int NOT NULL,
    PRIMARY KEY (training_id, employee_id)
);
COMMENT ON TABLE hr.training_attendance IS 'Who took which course, and with what result';
INSERT INTO hr.training_attendance (training_id, employee_id, completed_on, score)
SELECT 1 + pg_temp.pick('training_attendance.training_id', n, 15),
    1 + pg_temp.pick('training_attendance.employee_id', n, 160),
    CASE WHEN pg_temp.pick('training_attendance.completed_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('training_attendance.completed_on', n, 365) END,
    40 + pg_temp.pick('training_attendance.score', n, 61)
FROM generate_series(1, 240) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE hr.job_openings (
    opening_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_title_id int NOT NULL REFERENCES hr.job_titles,
    department_id int NOT NULL REFERENCES hr.departments,
    opened_on date NOT NULL,
    filled_on date,
    status text NOT NULL CHECK (status IN ('open', 'on hold', 'filled', 'withdrawn'))
);
COMMENT ON TABLE hr.job_openings IS 'Vacancies';
INSERT INTO hr.job_openings (job_title_id, department_id, opened_on, filled_on, status)
SELECT 1 + pg_temp.pick('job_openings.job_title_id', n, 20),
    1 + pg_temp.pick('job_openings.department_id', n, 12),
    date '2015-01-01' + pg_temp.pick('job_openings.opened_on', n, 3650),
    CASE WHEN pg_temp.pick('job_openings.filled_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('job_openings.filled_on', n, 365) END,
    ('{open,on hold,filled,withdrawn}'::text[])[1 + pg_temp.pick('job_openings.status', n, 4)]
FROM generate_series(1, 30) AS n;

CREATE TABLE hr.applicants (
    applicant_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    full_name text NOT NULL,
    email text NOT NULL,
    source text NOT NULL CHECK (source IN ('website', 'referral', 'agency', 'job fair')),
    applied_on date NOT NULL
);
COMMENT ON TABLE hr.applicants IS 'Candidates for a vacancy';
INSERT INTO hr.applicants (full_name, email, source, applied_on)
SELECT ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('applicants.full_name', n, 16)],
    'person' || n || '@mail.example',
    ('{website,referral,agency,job fair}'::text[])[1 + pg_temp.pick('applicants.source', n, 4)],
    date '2025-01-01' + pg_temp.pick('applicants.applied_on', n, 365)
FROM generate_series(1, 220) AS n;

CREATE TABLE hr.applications (
    application_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    applicant_id int NOT NULL REFERENCES hr.applicants,
    opening_id int NOT NULL REFERENCES hr.job_openings,
    stage text NOT NULL CHECK (stage IN ('received', 'interview', 'offer', 'hired', 'rejected')),
    updated_on date NOT NULL
);
INSERT INTO hr.applications (applicant_id, opening_id, stage, updated_on)
SELECT 1 + pg_temp.pick('applications.applicant_id', n, 220),
    1 + pg_temp.pick('applications.opening_id', n, 30),
    ('{received,interview,offer,hired,rejected}'::text[])[1 + pg_temp.pick('applications.stage', n, 5)],
    date '2025-01-01' + pg_temp.pick('applications.updated_on', n, 365)
FROM generate_series(1, 260) AS n;

CREATE TABLE hr.interviews (
    interview_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id int NOT NULL REFERENCES hr.applications,
    interviewer_id int NOT NULL REFERENCES hr.employees,
    held_at timestamptz NOT NULL,
    rating int NOT NULL
);
INSERT INTO hr.interviews (application_id, interviewer_id, held_at, rating)
SELECT 1 + pg_temp.pick('interviews.application_id', n, 260),
    1 + pg_temp.pick('interviews.interviewer_id', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('interviews.held_at', n, 525600) * interval '1 minute',
    1 + pg_temp.pick('interviews.rating', n, 5)
FROM generate_series(1, 200) AS n;

CREATE TABLE hr.performance_reviews (
    review_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    reviewer_id int NOT NULL REFERENCES hr.employees,
    review_year int NOT NULL,
    rating int NOT NULL,
    summary text
);
INSERT INTO hr.performance_reviews (employee_id, reviewer_id, review_year, rating, summary)
SELECT 1 + pg_temp.pick('performance_reviews.employee_id', n, 160),
    1 + pg_temp.pick('performance_reviews.reviewer_id', n, 160),
    2023 + pg_temp.pick('performance_reviews.review_year', n, 4),
    1 + pg_temp.pick('performance_reviews.rating', n, 5),
    CASE WHEN pg_temp.pick('performance_reviews.summary?', n, 4) > 0 THEN 'Summary ' || n END
FROM generate_series(1, 200) AS n;

CREATE TABLE hr.skills (
    skill_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO hr.skills (name)
SELECT ('{Welding,Painting,SQL,Excel,Negotiation,First aid,Forklift,Spanish,Polish,German,CAD,Python,Photography,Accounting,Law,Soldering,Coaching,Wheel building,Sewing,Planning}'::text[])[1 + (n - 1) % 20]
FROM generate_series(1, 20) AS n;

CREATE TABLE hr.employee_skills (
    employee_id int NOT NULL REFERENCES hr.employees,
    skill_id int NOT NULL REFERENCES hr.skills,
    level text NOT NULL CHECK (level IN ('basic', 'good', 'expert')),
    PRIMARY KEY (employee_id, skill_id)
);
INSERT INTO hr.employee_skills (employee_id, skill_id, level)
SELECT 1 + pg_temp.pick('employee_skills.employee_id', n, 160),
    1 + pg_temp.pick('employee_skills.skill_id', n, 20),
    ('{basic,good,expert}'::text[])[1 + pg_temp.pick('employee_skills.level', n, 3)]
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE hr.emergency_contacts (
    emergency_contact_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    name text NOT NULL,
    phone text NOT NULL,
    relation text NOT NULL CHECK (relation IN ('partner', 'parent', 'sibling', 'friend'))
);
INSERT INTO hr.emergency_contacts (employee_id, name, phone, relation)
SELECT 1 + pg_temp.pick('emergency_contacts.employee_id', n, 160),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('emergency_contacts.name', n, 16)],
    '+47 ' || 20000000 + n * 37,
    ('{partner,parent,sibling,friend}'::text[])[1 + pg_temp.pick('emergency_contacts.relation', n, 4)]
FROM generate_series(1, 100) AS n;

CREATE TABLE hr.payslips (
    payslip_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    period_month date NOT NULL,
    gross_amount numeric(12,2) NOT NULL,
    net_amount numeric(12,2) NOT NULL
);
INSERT INTO hr.payslips (employee_id, period_month, gross_amount, net_amount)
SELECT 1 + pg_temp.pick('payslips.employee_id', n, 160),
    (date '2025-01-01' + pg_temp.pick('payslips.period_month', n, 12) * interval '1 month')::date,
    2000 + pg_temp.pick('payslips.gross_amount', n, 700000) / 100.0,
    1400 + pg_temp.pick('payslips.net_amount', n, 460000) / 100.0
FROM generate_series(1, 400) AS n;

CREATE TABLE hr.benefits (
    benefit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    monthly_cost numeric(12,2) NOT NULL
);
INSERT INTO hr.benefits (name, monthly_cost)
SELECT ('{Public transport pass,Gym,Company bike,Meal voucher,Pension plus,Phone,Childcare,Language course}'::text[])[1 + (n - 1) % 8],
    10 + pg_temp.pick('benefits.monthly_cost', n, 19000) / 100.0
FROM generate_series(1, 8) AS n;

CREATE TABLE hr.benefit_enrollments (
    benefit_id int NOT NULL REFERENCES hr.benefits,
    employee_id int NOT NULL REFERENCES hr.employees,
    enrolled_on date NOT NULL,
    PRIMARY KEY (benefit_id, employee_id)
);
COMMENT ON TABLE hr.benefit_enrollments IS 'Who has which benefit';
INSERT INTO hr.benefit_enrollments (benefit_id, employee_id, enrolled_on)
SELECT 1 + pg_temp.pick('benefit_enrollments.benefit_id', n, 8),
    1 + pg_temp.pick('benefit_enrollments.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('benefit_enrollments.enrolled_on', n, 365)
FROM generate_series(1, 180) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE hr.exit_interviews (
    exit_interview_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    main_reason text NOT NULL CHECK (main_reason IN ('pay', 'manager', 'relocation', 'workload', 'career')),
    held_on date NOT NULL
);
INSERT INTO hr.exit_interviews (employee_id, main_reason, held_on)
SELECT 1 + pg_temp.pick('exit_interviews.employee_id', n, 160),
    ('{pay,manager,relocation,workload,career}'::text[])[1 + pg_temp.pick('exit_interviews.main_reason', n, 5)],
    date '2025-01-01' + pg_temp.pick('exit_interviews.held_on', n, 365)
FROM generate_series(1, 20) AS n;

CREATE TABLE hr.org_changes (
    change_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    from_department_id int NOT NULL REFERENCES hr.departments,
    to_department_id int NOT NULL REFERENCES hr.departments,
    effective_on date NOT NULL
);
INSERT INTO hr.org_changes (employee_id, from_department_id, to_department_id, effective_on)
SELECT 1 + pg_temp.pick('org_changes.employee_id', n, 160),
    1 + pg_temp.pick('org_changes.from_department_id', n, 12),
    1 + pg_temp.pick('org_changes.to_department_id', n, 12),
    date '2025-01-01' + pg_temp.pick('org_changes.effective_on', n, 365)
FROM generate_series(1, 40) AS n;

CREATE TABLE hr.work_accidents (
    accident_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    occurred_at timestamptz NOT NULL,
    severity text NOT NULL CHECK (severity IN ('minor', 'lost time', 'serious')),
    lost_days int NOT NULL,
    description text NOT NULL
);
COMMENT ON TABLE hr.work_accidents IS 'Injuries at work';
INSERT INTO hr.work_accidents (employee_id, occurred_at, severity, lost_days, description)
SELECT 1 + pg_temp.pick('work_accidents.employee_id', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('work_accidents.occurred_at', n, 525600) * interval '1 minute',
    ('{minor,lost time,serious}'::text[])[1 + pg_temp.pick('work_accidents.severity', n, 3)],
    0 + pg_temp.pick('work_accidents.lost_days', n, 21),
    'Description ' || n
FROM generate_series(1, 25) AS n;

CREATE SCHEMA facilities;
COMMENT ON SCHEMA facilities IS 'Buildings and what is in them';

CREATE TABLE facilities.buildings (
    building_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    address_id int NOT NULL REFERENCES core.addresses,
    built_year int NOT NULL,
    floor_area_m2 int NOT NULL
);
INSERT INTO facilities.buildings (name, address_id, built_year, floor_area_m2)
SELECT ('{Main hall,Old forge,North wing,Warehouse A,Warehouse B,Design loft,Test centre,Canteen}'::text[])[1 + (n - 1) % 8],
    1 + pg_temp.pick('buildings.address_id', n, 400),
    1950 + pg_temp.pick('buildings.built_year', n, 71),
    400 + pg_temp.pick('buildings.floor_area_m2', n, 8601)
FROM generate_series(1, 8) AS n;

CREATE TABLE facilities.rooms (
    room_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    name text NOT NULL,
    seats int NOT NULL,
    has_projector boolean NOT NULL
);
COMMENT ON TABLE facilities.rooms IS 'Meeting rooms and offices';
INSERT INTO facilities.rooms (building_id, name, seats, has_projector)
SELECT 1 + pg_temp.pick('rooms.building_id', n, 8),
    'Room ' || n,
    2 + pg_temp.pick('rooms.seats', n, 29),
    pg_temp.pick('rooms.has_projector', n, 4) = 0
FROM generate_series(1, 60) AS n;

CREATE TABLE facilities.room_reservations (
    reservation_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id int NOT NULL REFERENCES facilities.rooms,
    booked_by int NOT NULL REFERENCES hr.employees,
    starts_at timestamptz NOT NULL,
    minutes int NOT NULL
);
INSERT INTO facilities.room_reservations (room_id, booked_by, starts_at, minutes)
SELECT 1 + pg_temp.pick('room_reservations.room_id', n, 60),
    1 + pg_temp.pick('room_reservations.booked_by', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('room_reservations.starts_at', n, 525600) * interval '1 minute',
    15 + pg_temp.pick('room_reservations.minutes', n, 226)
FROM generate_series(1, 240) AS n;

CREATE TABLE facilities.energy_readings (
    reading_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    read_on date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('electricity', 'gas', 'heat', 'water')),
    consumption numeric(12,2) NOT NULL
);
COMMENT ON TABLE facilities.energy_readings IS 'Meter readings';
COMMENT ON COLUMN facilities.energy_readings.consumption IS 'kWh, or cubic metres for water';
INSERT INTO facilities.energy_readings (building_id, read_on, kind, consumption)
SELECT 1 + pg_temp.pick('energy_readings.building_id', n, 8),
    date '2025-01-01' + pg_temp.pick('energy_readings.read_on', n, 365),
    ('{electricity,gas,heat,water}'::text[])[1 + pg_temp.pick('energy_readings.kind', n, 4)],
    10 + pg_temp.pick('energy_readings.consumption', n, 899000) / 100.0
FROM generate_series(1, 300) AS n;

CREATE TABLE facilities.cleaning_contracts (
    cleaning_contract_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    vendor_name text NOT NULL,
    monthly_fee numeric(12,2) NOT NULL,
    ends_on date NOT NULL
);
INSERT INTO facilities.cleaning_contracts (building_id, vendor_name, monthly_fee, ends_on)
SELECT 1 + pg_temp.pick('cleaning_contracts.building_id', n, 8),
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    300 + pg_temp.pick('cleaning_contracts.monthly_fee', n, 370000) / 100.0,
    date '2025-01-01' + pg_temp.pick('cleaning_contracts.ends_on', n, 365)
FROM generate_series(1, 8) AS n;

CREATE TABLE facilities.maintenance_tickets (
    ticket_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    reported_by int NOT NULL REFERENCES hr.employees,
    category text NOT NULL CHECK (category IN ('plumbing', 'heating', 'lighting', 'lift', 'roof')),
    reported_on date NOT NULL,
    fixed_on date
);
COMMENT ON TABLE facilities.maintenance_tickets IS 'Repairs of the buildings, not of machines';
INSERT INTO facilities.maintenance_tickets (building_id, reported_by, category, reported_on, fixed_on)
SELECT 1 + pg_temp.pick('maintenance_tickets.building_id', n, 8),
    1 + pg_temp.pick('maintenance_tickets.reported_by', n, 160),
    ('{plumbing,heating,lighting,lift,roof}'::text[])[1 + pg_temp.pick('maintenance_tickets.category', n, 5)],
    date '2025-01-01' + pg_temp.pick('maintenance_tickets.reported_on', n, 365),
    CASE WHEN pg_temp.pick('maintenance_tickets.fixed_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('maintenance_tickets.fixed_on', n, 365) END
FROM generate_series(1, 90) AS n;

CREATE TABLE facilities.parking_spaces (
    space_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    label text NOT NULL,
    assigned_to int REFERENCES hr.employees,
    has_charger boolean NOT NULL
);
INSERT INTO facilities.parking_spaces (building_id, label, assigned_to, has_charger)
SELECT 1 + pg_temp.pick('parking_spaces.building_id', n, 8),
    'Label ' || n,
    CASE WHEN pg_temp.pick('parking_spaces.assigned_to?', n, 4) > 0 THEN 1 + pg_temp.pick('parking_spaces.assigned_to', n, 160) END,
    pg_temp.pick('parking_spaces.has_charger', n, 4) = 0
FROM generate_series(1, 50) AS n;

CREATE TABLE facilities.access_badges (
    badge_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    issued_on date NOT NULL,
    revoked_on date
);
INSERT INTO facilities.access_badges (employee_id, issued_on, revoked_on)
SELECT 1 + pg_temp.pick('access_badges.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('access_badges.issued_on', n, 365),
    CASE WHEN pg_temp.pick('access_badges.revoked_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('access_badges.revoked_on', n, 365) END
FROM generate_series(1, 140) AS n;

CREATE TABLE facilities.badge_swipes (
    swipe_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    badge_id int NOT NULL REFERENCES facilities.access_badges,
    building_id int NOT NULL REFERENCES facilities.buildings,
    swiped_at timestamptz NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out'))
);
INSERT INTO facilities.badge_swipes (badge_id, building_id, swiped_at, direction)
SELECT 1 + pg_temp.pick('badge_swipes.badge_id', n, 140),
    1 + pg_temp.pick('badge_swipes.building_id', n, 8),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('badge_swipes.swiped_at', n, 525600) * interval '1 minute',
    ('{in,out}'::text[])[1 + pg_temp.pick('badge_swipes.direction', n, 2)]
FROM generate_series(1, 500) AS n;

CREATE TABLE facilities.visitors (
    visitor_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    full_name text NOT NULL,
    company_name text NOT NULL,
    host_id int NOT NULL REFERENCES hr.employees,
    visited_on date NOT NULL
);
INSERT INTO facilities.visitors (full_name, company_name, host_id, visited_on)
SELECT ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('visitors.full_name', n, 16)],
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('visitors.company_name', n, 18)],
    1 + pg_temp.pick('visitors.host_id', n, 160),
    date '2025-01-01' + pg_temp.pick('visitors.visited_on', n, 365)
FROM generate_series(1, 120) AS n;

CREATE TABLE facilities.insurance_policies (
    policy_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    insurer text NOT NULL,
    premium numeric(12,2) NOT NULL,
    expires_on date NOT NULL
);
INSERT INTO facilities.insurance_policies (building_id, insurer, premium, expires_on)
SELECT 1 + pg_temp.pick('insurance_policies.building_id', n, 8),
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    900 + pg_temp.pick('insurance_policies.premium', n, 1910000) / 100.0,
    date '2025-07-01' + pg_temp.pick('insurance_policies.expires_on', n, 730)
FROM generate_series(1, 10) AS n;

CREATE TABLE facilities.safety_inspections (
    inspection_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id int NOT NULL REFERENCES facilities.buildings,
    inspected_on date NOT NULL,
    inspector text NOT NULL,
    passed boolean NOT NULL
);
COMMENT ON TABLE facilities.safety_inspections IS 'Fire and safety rounds';
INSERT INTO facilities.safety_inspections (building_id, inspected_on, inspector, passed)
SELECT 1 + pg_temp.pick('safety_inspections.building_id', n, 8),
    date '2025-01-01' + pg_temp.pick('safety_inspections.inspected_on', n, 365),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('safety_inspections.inspector', n, 16)],
    pg_temp.pick('safety_inspections.passed', n, 4) > 0
FROM generate_series(1, 40) AS n;

CREATE SCHEMA it;
COMMENT ON SCHEMA it IS 'Computers, software and who may use them';

CREATE TABLE it.devices (
    device_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_tag text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('laptop', 'phone', 'tablet', 'scanner')),
    model text NOT NULL,
    purchased_on date NOT NULL,
    employee_id int REFERENCES hr.employees,
    cost numeric(12,2) NOT NULL
);
COMMENT ON TABLE it.devices IS 'Laptops, phones, scanners handed out to staff';
COMMENT ON COLUMN it.devices.employee_id IS 'Null while in stock';
INSERT INTO it.devices (asset_tag, kind, model, purchased_on, employee_id, cost)
SELECT 'Asset ' || n,
    ('{laptop,phone,tablet,scanner}'::text[])[1 + pg_temp.pick('devices.kind', n, 4)],
    ('{ThinkPad T14,MacBook Air,Pixel 8,Galaxy Tab,Zebra TC52,iPhone 15}'::text[])[1 + pg_temp.pick('devices.model', n, 6)],
    date '2015-01-01' + pg_temp.pick('devices.purchased_on', n, 3650),
    CASE WHEN pg_temp.pick('devices.employee_id?', n, 4) > 0 THEN 1 + pg_temp.pick('devices.employee_id', n, 160) END,
    150 + pg_temp.pick('devices.cost', n, 245000) / 100.0
FROM generate_series(1, 180) AS n;

CREATE TABLE it.software_licenses (
    license_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_name text NOT NULL,
    vendor_name text NOT NULL,
    seats int NOT NULL,
    yearly_cost numeric(12,2) NOT NULL,
    renews_on date NOT NULL
);
INSERT INTO it.software_licenses (product_name, vendor_name, seats, yearly_cost, renews_on)
SELECT ('{CAD Studio,Office Suite,Photo Lab,Ledger Pro,Planner,Mail Gate,Route Master,Code Desk}'::text[])[1 + pg_temp.pick('software_licenses.product_name', n, 8)],
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    5 + pg_temp.pick('software_licenses.seats', n, 196),
    300 + pg_temp.pick('software_licenses.yearly_cost', n, 3970000) / 100.0,
    date '2025-07-01' + pg_temp.pick('software_licenses.renews_on', n, 730)
FROM generate_series(1, 25) AS n;

CREATE TABLE it.license_assignments (
    license_id int NOT NULL REFERENCES it.software_licenses,
    employee_id int NOT NULL REFERENCES hr.employees,
    assigned_on date NOT NULL,
    PRIMARY KEY (license_id, employee_id)
);
INSERT INTO it.license_assignments (license_id, employee_id, assigned_on)
SELECT 1 + pg_temp.pick('license_assignments.license_id', n, 25),
    1 + pg_temp.pick('license_assignments.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('license_assignments.assigned_on', n, 365)
FROM generate_series(1, 250) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE it.systems (
    system_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    owner_id int NOT NULL REFERENCES hr.employees,
    criticality text NOT NULL CHECK (criticality IN ('low', 'medium', 'high'))
);
COMMENT ON TABLE it.systems IS 'Applications we run';
INSERT INTO it.systems (name, owner_id, criticality)
SELECT ('{ERP,Web shop,CRM,Data warehouse,Payroll,Mail,Intranet,Warehouse control,CAD vault,Telephony,Backup,Time clock,Label printing,Plant historian,VPN}'::text[])[1 + (n - 1) % 15],
    1 + pg_temp.pick('systems.owner_id', n, 160),
    ('{low,medium,high}'::text[])[1 + pg_temp.pick('systems.criticality', n, 3)]
FROM generate_series(1, 15) AS n;

CREATE TABLE it.outages (
    outage_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system_id int NOT NULL REFERENCES it.systems,
    started_at timestamptz NOT NULL,
    minutes int NOT NULL,
    cause text NOT NULL CHECK (cause IN ('hardware', 'network', 'release', 'capacity', 'vendor'))
);
COMMENT ON TABLE it.outages IS 'Times at which a system was down';
INSERT INTO it.outages (system_id, started_at, minutes, cause)
SELECT 1 + pg_temp.pick('outages.system_id', n, 15),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('outages.started_at', n, 525600) * interval '1 minute',
    3 + pg_temp.pick('outages.minutes', n, 598),
    ('{hardware,network,release,capacity,vendor}'::text[])[1 + pg_temp.pick('outages.cause', n, 5)]
FROM generate_series(1, 50) AS n;

CREATE TABLE it.deployments (
    deployment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system_id int NOT NULL REFERENCES it.systems,
    deployed_at timestamptz NOT NULL,
    deployed_by int NOT NULL REFERENCES hr.employees,
    succeeded boolean NOT NULL
);
COMMENT ON TABLE it.deployments IS 'Releases to production';
INSERT INTO it.deployments (system_id, deployed_at, deployed_by, succeeded)
SELECT 1 + pg_temp.pick('deployments.system_id', n, 15),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('deployments.deployed_at', n, 525600) * interval '1 minute',
    1 + pg_temp.pick('deployments.deployed_by', n, 160),
    pg_temp.pick('deployments.succeeded', n, 4) > 0
FROM generate_series(1, 150) AS n;

CREATE TABLE it.access_requests (
    request_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    system_id int NOT NULL REFERENCES it.systems,
    requested_on date NOT NULL,
    decision text NOT NULL CHECK (decision IN ('granted', 'denied', 'pending'))
);
INSERT INTO it.access_requests (employee_id, system_id, requested_on, decision)
SELECT 1 + pg_temp.pick('access_requests.employee_id', n, 160),
    1 + pg_temp.pick('access_requests.system_id', n, 15),
    date '2025-01-01' + pg_temp.pick('access_requests.requested_on', n, 365),
    ('{granted,denied,pending}'::text[])[1 + pg_temp.pick('access_requests.decision', n, 3)]
FROM generate_series(1, 90) AS n;

CREATE TABLE it.helpdesk_requests (
    request_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    topic text NOT NULL CHECK (topic IN ('password', 'hardware', 'software', 'printer', 'network')),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz
);
COMMENT ON TABLE it.helpdesk_requests IS 'Requests of our own staff; customers are in support';
INSERT INTO it.helpdesk_requests (employee_id, topic, opened_at, closed_at)
SELECT 1 + pg_temp.pick('helpdesk_requests.employee_id', n, 160),
    ('{password,hardware,software,printer,network}'::text[])[1 + pg_temp.pick('helpdesk_requests.topic', n, 5)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('helpdesk_requests.opened_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('helpdesk_requests.closed_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('helpdesk_requests.opened_at', n, 525600) * interval '1 minute' + 0 * interval '1 day' + pg_temp.pick('helpdesk_requests.closed_at', n, 12960) * interval '1 minute' END
FROM generate_series(1, 200) AS n;

CREATE TABLE it.backups (
    backup_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system_id int NOT NULL REFERENCES it.systems,
    finished_at timestamptz NOT NULL,
    size_gb int NOT NULL,
    succeeded boolean NOT NULL
);
INSERT INTO it.backups (system_id, finished_at, size_gb, succeeded)
SELECT 1 + pg_temp.pick('backups.system_id', n, 15),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('backups.finished_at', n, 525600) * interval '1 minute',
    1 + pg_temp.pick('backups.size_gb', n, 900),
    pg_temp.pick('backups.succeeded', n, 4) > 0
FROM generate_series(1, 120) AS n;

CREATE TABLE it.servers (
    server_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hostname text NOT NULL,
    system_id int NOT NULL REFERENCES it.systems,
    memory_gb int NOT NULL,
    is_virtual boolean NOT NULL
);
INSERT INTO it.servers (hostname, system_id, memory_gb, is_virtual)
SELECT 'Hostname ' || n,
    1 + pg_temp.pick('servers.system_id', n, 15),
    8 + pg_temp.pick('servers.memory_gb', n, 249),
    pg_temp.pick('servers.is_virtual', n, 4) = 0
FROM generate_series(1, 30) AS n;

CREATE TABLE it.vulnerabilities (
    vulnerability_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    server_id int NOT NULL REFERENCES it.servers,
    severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    found_on date NOT NULL,
    patched_on date
);
COMMENT ON TABLE it.vulnerabilities IS 'Findings of security scans';
INSERT INTO it.vulnerabilities (server_id, severity, found_on, patched_on)
SELECT 1 + pg_temp.pick('vulnerabilities.server_id', n, 30),
    ('{low,medium,high,critical}'::text[])[1 + pg_temp.pick('vulnerabilities.severity', n, 4)],
    date '2025-01-01' + pg_temp.pick('vulnerabilities.found_on', n, 365),
    CASE WHEN pg_temp.pick('vulnerabilities.patched_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('vulnerabilities.patched_on', n, 365) END
FROM generate_series(1, 60) AS n;

CREATE TABLE it.change_requests (
    change_request_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system_id int NOT NULL REFERENCES it.systems,
    requested_by int NOT NULL REFERENCES hr.employees,
    summary text NOT NULL,
    risk text NOT NULL CHECK (risk IN ('low', 'medium', 'high')),
    approved boolean NOT NULL
);
INSERT INTO it.change_requests (system_id, requested_by, summary, risk, approved)
SELECT 1 + pg_temp.pick('change_requests.system_id', n, 15),
    1 + pg_temp.pick('change_requests.requested_by', n, 160),
    'Summary ' || n,
    ('{low,medium,high}'::text[])[1 + pg_temp.pick('change_requests.risk', n, 3)],
    pg_temp.pick('change_requests.approved', n, 4) > 0
FROM generate_series(1, 60) AS n;

CREATE SCHEMA product;
COMMENT ON SCHEMA product IS 'What we make and sell';

CREATE TABLE product.brands (
    brand_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO product.brands (name)
SELECT ('{Halden,Trollstig,Nordlys,Kvikk}'::text[])[1 + (n - 1) % 4]
FROM generate_series(1, 4) AS n;

CREATE TABLE product.categories (
    category_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    parent_category_id int REFERENCES product.categories
);
INSERT INTO product.categories (name, parent_category_id)
SELECT ('{Road bikes,Mountain bikes,Gravel bikes,E-bikes,Kids bikes,City bikes,Cargo bikes,Frames,Wheels,Brakes,Saddles,Lights,Helmets,Jackets,Gloves,Bags,Pumps,Locks}'::text[])[1 + (n - 1) % 18],
    CASE WHEN pg_temp.pick('categories.parent_category_id?', n, 4) > 0 THEN 1 + pg_temp.pick('categories.parent_category_id', n, 18) END
FROM generate_series(1, 18) AS n;

CREATE TABLE product.products (
    product_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL,
    name text NOT NULL,
    category_id int NOT NULL REFERENCES product.categories,
    brand_id int NOT NULL REFERENCES product.brands,
    launched_on date NOT NULL,
    discontinued_on date,
    weight_kg numeric(12,2) NOT NULL
);
INSERT INTO product.products (sku, name, category_id, brand_id, launched_on, discontinued_on, weight_kg)
SELECT 'Sku ' || n,
    ('{Fjell,Vidde,Storm,Lyn,Elv,Tind,Skog,Bris,Kyst,Vind,Sti,Brage}'::text[])[1 + pg_temp.pick('products.name', n, 12)] || ' ' || n,
    1 + pg_temp.pick('products.category_id', n, 18),
    1 + pg_temp.pick('products.brand_id', n, 4),
    date '2015-01-01' + pg_temp.pick('products.launched_on', n, 3650),
    CASE WHEN pg_temp.pick('products.discontinued_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('products.discontinued_on', n, 365) END,
    1 + pg_temp.pick('products.weight_kg', n, 2900) / 100.0
FROM generate_series(1, 120) AS n;

CREATE TABLE product.product_variants (
    variant_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    variant_code text NOT NULL,
    size text NOT NULL CHECK (size IN ('XS', 'S', 'M', 'L', 'XL')),
    color text NOT NULL CHECK (color IN ('black', 'white', 'red', 'blue', 'green', 'orange')),
    ean_code text NOT NULL
);
COMMENT ON TABLE product.product_variants IS 'Size and colour of a product; what is actually ordered';
INSERT INTO product.product_variants (product_id, variant_code, size, color, ean_code)
SELECT 1 + pg_temp.pick('product_variants.product_id', n, 120),
    'Variant ' || n,
    ('{XS,S,M,L,XL}'::text[])[1 + pg_temp.pick('product_variants.size', n, 5)],
    ('{black,white,red,blue,green,orange}'::text[])[1 + pg_temp.pick('product_variants.color', n, 6)],
    'Ean ' || n
FROM generate_series(1, 300) AS n;

CREATE TABLE product.price_lists (
    price_list_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    currency_id int NOT NULL REFERENCES core.currencies
);
INSERT INTO product.price_lists (name, currency_id)
SELECT ('{retail,dealer,export,employee}'::text[])[1 + (n - 1) % 4],
    1 + pg_temp.pick('price_lists.currency_id', n, 5)
FROM generate_series(1, 4) AS n;

CREATE TABLE product.list_prices (
    list_price_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    price_list_id int NOT NULL REFERENCES product.price_lists,
    variant_id int NOT NULL REFERENCES product.product_variants,
    price numeric(12,2) NOT NULL,
    valid_from date NOT NULL
);
INSERT INTO product.list_prices (price_list_id, variant_id, price, valid_from)
SELECT 1 + pg_temp.pick('list_prices.price_list_id', n, 4),
    1 + pg_temp.pick('list_prices.variant_id', n, 300),
    10 + pg_temp.pick('list_prices.price', n, 449000) / 100.0,
    date '2025-01-01' + pg_temp.pick('list_prices.valid_from', n, 365)
FROM generate_series(1, 400) AS n;

CREATE TABLE product.product_images (
    image_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    file_name text NOT NULL,
    position int NOT NULL
);
INSERT INTO product.product_images (product_id, file_name, position)
SELECT 1 + pg_temp.pick('product_images.product_id', n, 120),
    'File ' || n,
    1 + pg_temp.pick('product_images.position', n, 6)
FROM generate_series(1, 200) AS n;

CREATE TABLE product.product_descriptions (
    description_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    language_id int NOT NULL REFERENCES core.languages,
    body text NOT NULL
);
COMMENT ON TABLE product.product_descriptions IS 'Marketing texts by language';
INSERT INTO product.product_descriptions (product_id, language_id, body)
SELECT 1 + pg_temp.pick('product_descriptions.product_id', n, 120),
    1 + pg_temp.pick('product_descriptions.language_id', n, 8),
    'Body ' || n
FROM generate_series(1, 200) AS n;

CREATE TABLE product.product_relations (
    product_id int NOT NULL REFERENCES product.products,
    related_product_id int NOT NULL REFERENCES product.products,
    kind text NOT NULL CHECK (kind IN ('accessory', 'successor', 'similar', 'spare part')),
    PRIMARY KEY (product_id, related_product_id)
);
INSERT INTO product.product_relations (product_id, related_product_id, kind)
SELECT 1 + pg_temp.pick('product_relations.product_id', n, 120),
    1 + pg_temp.pick('product_relations.related_product_id', n, 120),
    ('{accessory,successor,similar,spare part}'::text[])[1 + pg_temp.pick('product_relations.kind', n, 4)]
FROM generate_series(1, 120) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE product.attributes (
    attribute_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    unit_id int REFERENCES core.units_of_measure
);
INSERT INTO product.attributes (name, unit_id)
SELECT ('{frame material,wheel size,gear count,motor power,battery capacity,range,max load,brake type,fork travel,saddle height,tyre width,lumen,waterproof rating,volume}'::text[])[1 + (n - 1) % 14],
    CASE WHEN pg_temp.pick('attributes.unit_id?', n, 4) > 0 THEN 1 + pg_temp.pick('attributes.unit_id', n, 8) END
FROM generate_series(1, 14) AS n;

CREATE TABLE product.product_attributes (
    product_id int NOT NULL REFERENCES product.products,
    attribute_id int NOT NULL REFERENCES product.attributes,
    value text NOT NULL,
    PRIMARY KEY (product_id, attribute_id)
);
INSERT INTO product.product_attributes (product_id, attribute_id, value)
SELECT 1 + pg_temp.pick('product_attributes.product_id', n, 120),
    1 + pg_temp.pick('product_attributes.attribute_id', n, 14),
    'Value ' || n
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE product.bundles (
    bundle_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    price numeric(12,2) NOT NULL
);
INSERT INTO product.bundles (name, price)
SELECT 'Bundle ' || n,
    50 + pg_temp.pick('bundles.price', n, 295000) / 100.0
FROM generate_series(1, 10) AS n;

CREATE TABLE product.bundle_items (
    bundle_id int NOT NULL REFERENCES product.bundles,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    PRIMARY KEY (bundle_id, variant_id)
);
INSERT INTO product.bundle_items (bundle_id, variant_id, quantity)
SELECT 1 + pg_temp.pick('bundle_items.bundle_id', n, 10),
    1 + pg_temp.pick('bundle_items.variant_id', n, 300),
    1 + pg_temp.pick('bundle_items.quantity', n, 3)
FROM generate_series(1, 30) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE product.warranties (
    warranty_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    months int NOT NULL,
    category_id int NOT NULL REFERENCES product.categories
);
INSERT INTO product.warranties (name, months, category_id)
SELECT 'Warrantie ' || n,
    12 + pg_temp.pick('warranties.months', n, 49),
    1 + pg_temp.pick('warranties.category_id', n, 18)
FROM generate_series(1, 6) AS n;

CREATE TABLE product.compatibility (
    product_id int NOT NULL REFERENCES product.products,
    fits_product_id int NOT NULL REFERENCES product.products,
    note text,
    PRIMARY KEY (product_id, fits_product_id)
);
INSERT INTO product.compatibility (product_id, fits_product_id, note)
SELECT 1 + pg_temp.pick('compatibility.product_id', n, 120),
    1 + pg_temp.pick('compatibility.fits_product_id', n, 120),
    CASE WHEN pg_temp.pick('compatibility.note?', n, 4) > 0 THEN 'Note ' || n END
FROM generate_series(1, 80) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE product.product_lifecycle_events (
    event_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    stage text NOT NULL CHECK (stage IN ('idea', 'prototype', 'launch', 'phase-out')),
    happened_on date NOT NULL
);
INSERT INTO product.product_lifecycle_events (product_id, stage, happened_on)
SELECT 1 + pg_temp.pick('product_lifecycle_events.product_id', n, 120),
    ('{idea,prototype,launch,phase-out}'::text[])[1 + pg_temp.pick('product_lifecycle_events.stage', n, 4)],
    date '2025-01-01' + pg_temp.pick('product_lifecycle_events.happened_on', n, 365)
FROM generate_series(1, 150) AS n;

CREATE TABLE product.design_projects (
    design_project_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    product_id int REFERENCES product.products,
    lead_id int NOT NULL REFERENCES hr.employees,
    budget numeric(12,2) NOT NULL,
    started_on date NOT NULL
);
INSERT INTO product.design_projects (name, product_id, lead_id, budget, started_on)
SELECT 'Design project ' || n,
    CASE WHEN pg_temp.pick('design_projects.product_id?', n, 4) > 0 THEN 1 + pg_temp.pick('design_projects.product_id', n, 120) END,
    1 + pg_temp.pick('design_projects.lead_id', n, 160),
    5000 + pg_temp.pick('design_projects.budget', n, 19500000) / 100.0,
    date '2025-01-01' + pg_temp.pick('design_projects.started_on', n, 365)
FROM generate_series(1, 20) AS n;

CREATE TABLE product.seasons (
    season_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO product.seasons (name)
SELECT ('{spring 2025,summer 2025,autumn 2025,winter 2025}'::text[])[1 + (n - 1) % 4]
FROM generate_series(1, 4) AS n;

CREATE TABLE product.assortments (
    season_id int NOT NULL REFERENCES product.seasons,
    product_id int NOT NULL REFERENCES product.products,
    PRIMARY KEY (season_id, product_id)
);
COMMENT ON TABLE product.assortments IS 'Which products are offered in which season';
INSERT INTO product.assortments (season_id, product_id)
SELECT 1 + pg_temp.pick('assortments.season_id', n, 4),
    1 + pg_temp.pick('assortments.product_id', n, 120)
FROM generate_series(1, 80) AS n
ON CONFLICT DO NOTHING;

CREATE SCHEMA crm;
COMMENT ON SCHEMA crm IS 'Customers before and besides their orders';

CREATE TABLE crm.industries (
    industry_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO crm.industries (name)
SELECT ('{Bicycle retail,Sporting goods,Tourism,Rental,Online retail,Municipal services,Delivery services,Education,Hospitality,Wholesale}'::text[])[1 + (n - 1) % 10]
FROM generate_series(1, 10) AS n;

CREATE TABLE crm.account_tiers (
    tier_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    discount_percent numeric(12,2) NOT NULL
);
COMMENT ON TABLE crm.account_tiers IS 'Bronze to platinum';
INSERT INTO crm.account_tiers (name, discount_percent)
SELECT ('{bronze,silver,gold,platinum}'::text[])[1 + (n - 1) % 4],
    1 + pg_temp.pick('account_tiers.discount_percent', n, 1400) / 100.0
FROM generate_series(1, 4) AS n;

CREATE TABLE crm.accounts (
    account_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    industry_id int NOT NULL REFERENCES crm.industries,
    tier_id int NOT NULL REFERENCES crm.account_tiers,
    owner_id int NOT NULL REFERENCES hr.employees,
    billing_address_id int NOT NULL REFERENCES core.addresses,
    country_id int NOT NULL REFERENCES core.countries,
    created_on date NOT NULL,
    is_active boolean NOT NULL
);
COMMENT ON TABLE crm.accounts IS 'Companies and shops that buy from us; not ledger accounts';
COMMENT ON COLUMN crm.accounts.owner_id IS 'Key account manager';
INSERT INTO crm.accounts (name, industry_id, tier_id, owner_id, billing_address_id, country_id, created_on, is_active)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('accounts.name', n, 18)] || ' ' || n,
    1 + pg_temp.pick('accounts.industry_id', n, 10),
    1 + pg_temp.pick('accounts.tier_id', n, 4),
    1 + pg_temp.pick('accounts.owner_id', n, 160),
    1 + pg_temp.pick('accounts.billing_address_id', n, 400),
    1 + pg_temp.pick('accounts.country_id', n, 20),
    date '2015-01-01' + pg_temp.pick('accounts.created_on', n, 3650),
    pg_temp.pick('accounts.is_active', n, 4) > 0
FROM generate_series(1, 150) AS n;

CREATE TABLE crm.contacts (
    contact_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    full_name text NOT NULL,
    email text NOT NULL,
    phone text,
    position text NOT NULL CHECK (position IN ('buyer', 'owner', 'accountant', 'shop manager')),
    opted_out boolean NOT NULL
);
COMMENT ON TABLE crm.contacts IS 'People at the accounts';
INSERT INTO crm.contacts (account_id, full_name, email, phone, position, opted_out)
SELECT 1 + pg_temp.pick('contacts.account_id', n, 150),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('contacts.full_name', n, 16)],
    'person' || n || '@mail.example',
    CASE WHEN pg_temp.pick('contacts.phone?', n, 4) > 0 THEN '+47 ' || 20000000 + n * 37 END,
    ('{buyer,owner,accountant,shop manager}'::text[])[1 + pg_temp.pick('contacts.position', n, 4)],
    pg_temp.pick('contacts.opted_out', n, 4) = 0
FROM generate_series(1, 300) AS n;

CREATE TABLE crm.leads (
    lead_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_name text NOT NULL,
    full_name text NOT NULL,
    source text NOT NULL CHECK (source IN ('trade fair', 'website', 'cold call', 'referral')),
    status text NOT NULL CHECK (status IN ('new', 'contacted', 'qualified', 'lost')),
    created_on date NOT NULL
);
COMMENT ON TABLE crm.leads IS 'Prospects who are not customers yet';
INSERT INTO crm.leads (company_name, full_name, source, status, created_on)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('leads.company_name', n, 18)],
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('leads.full_name', n, 16)],
    ('{trade fair,website,cold call,referral}'::text[])[1 + pg_temp.pick('leads.source', n, 4)],
    ('{new,contacted,qualified,lost}'::text[])[1 + pg_temp.pick('leads.status', n, 4)],
    date '2015-01-01' + pg_temp.pick('leads.created_on', n, 3650)
FROM generate_series(1, 200) AS n;

CREATE TYPE crm.opportunitie_stage AS ENUM ('prospecting', 'proposal', 'negotiation', 'won', 'lost');

CREATE TABLE crm.opportunities (
    opportunity_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    name text NOT NULL,
    stage crm.opportunitie_stage NOT NULL,
    expected_value numeric(12,2) NOT NULL,
    expected_close_on date NOT NULL,
    owner_id int NOT NULL REFERENCES hr.employees
);
COMMENT ON TABLE crm.opportunities IS 'Possible deals in the pipeline';
INSERT INTO crm.opportunities (account_id, name, stage, expected_value, expected_close_on, owner_id)
SELECT 1 + pg_temp.pick('opportunities.account_id', n, 150),
    'Opportunitie ' || n,
    (('{prospecting,proposal,negotiation,won,lost}'::text[])[1 + pg_temp.pick('opportunities.stage', n, 5)])::crm.opportunitie_stage,
    500 + pg_temp.pick('opportunities.expected_value', n, 8950000) / 100.0,
    date '2025-01-01' + pg_temp.pick('opportunities.expected_close_on', n, 365),
    1 + pg_temp.pick('opportunities.owner_id', n, 160)
FROM generate_series(1, 220) AS n;

CREATE TABLE crm.opportunity_products (
    opportunity_id int NOT NULL REFERENCES crm.opportunities,
    product_id int NOT NULL REFERENCES product.products,
    quantity int NOT NULL,
    PRIMARY KEY (opportunity_id, product_id)
);
INSERT INTO crm.opportunity_products (opportunity_id, product_id, quantity)
SELECT 1 + pg_temp.pick('opportunity_products.opportunity_id', n, 220),
    1 + pg_temp.pick('opportunity_products.product_id', n, 120),
    1 + pg_temp.pick('opportunity_products.quantity', n, 60)
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE crm.opportunity_stage_history (
    history_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opportunity_id int NOT NULL REFERENCES crm.opportunities,
    stage text NOT NULL CHECK (stage IN ('prospecting', 'proposal', 'negotiation', 'won', 'lost')),
    entered_on date NOT NULL
);
INSERT INTO crm.opportunity_stage_history (opportunity_id, stage, entered_on)
SELECT 1 + pg_temp.pick('opportunity_stage_history.opportunity_id', n, 220),
    ('{prospecting,proposal,negotiation,won,lost}'::text[])[1 + pg_temp.pick('opportunity_stage_history.stage', n, 5)],
    date '2025-01-01' + pg_temp.pick('opportunity_stage_history.entered_on', n, 365)
FROM generate_series(1, 400) AS n;

CREATE TABLE crm.activities (
    activity_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    employee_id int NOT NULL REFERENCES hr.employees,
    kind text NOT NULL CHECK (kind IN ('call', 'visit', 'email', 'demo')),
    happened_at timestamptz NOT NULL,
    minutes int NOT NULL
);
COMMENT ON TABLE crm.activities IS 'What sales people did for an account';
INSERT INTO crm.activities (account_id, employee_id, kind, happened_at, minutes)
SELECT 1 + pg_temp.pick('activities.account_id', n, 150),
    1 + pg_temp.pick('activities.employee_id', n, 160),
    ('{call,visit,email,demo}'::text[])[1 + pg_temp.pick('activities.kind', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('activities.happened_at', n, 525600) * interval '1 minute',
    5 + pg_temp.pick('activities.minutes', n, 116)
FROM generate_series(1, 500) AS n;

CREATE TABLE crm.notes (
    note_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    author_id int NOT NULL REFERENCES hr.employees,
    body text NOT NULL,
    written_at timestamptz NOT NULL
);
INSERT INTO crm.notes (account_id, author_id, body, written_at)
SELECT 1 + pg_temp.pick('notes.account_id', n, 150),
    1 + pg_temp.pick('notes.author_id', n, 160),
    'Body ' || n,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('notes.written_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 200) AS n;

CREATE TABLE crm.competitors (
    competitor_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO crm.competitors (name)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18]
FROM generate_series(1, 8) AS n;

CREATE TABLE crm.lost_deals (
    lost_deal_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opportunity_id int NOT NULL REFERENCES crm.opportunities,
    competitor_id int REFERENCES crm.competitors,
    reason text NOT NULL CHECK (reason IN ('price', 'delivery time', 'quality', 'relationship'))
);
COMMENT ON TABLE crm.lost_deals IS 'Why and to whom we lost';
INSERT INTO crm.lost_deals (opportunity_id, competitor_id, reason)
SELECT 1 + pg_temp.pick('lost_deals.opportunity_id', n, 220),
    CASE WHEN pg_temp.pick('lost_deals.competitor_id?', n, 4) > 0 THEN 1 + pg_temp.pick('lost_deals.competitor_id', n, 8) END,
    ('{price,delivery time,quality,relationship}'::text[])[1 + pg_temp.pick('lost_deals.reason', n, 4)]
FROM generate_series(1, 50) AS n;

CREATE TABLE crm.account_merges (
    merge_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kept_account_id int NOT NULL REFERENCES crm.accounts,
    removed_name text NOT NULL,
    merged_on date NOT NULL
);
INSERT INTO crm.account_merges (kept_account_id, removed_name, merged_on)
SELECT 1 + pg_temp.pick('account_merges.kept_account_id', n, 150),
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    date '2025-01-01' + pg_temp.pick('account_merges.merged_on', n, 365)
FROM generate_series(1, 10) AS n;

CREATE TABLE crm.segments (
    segment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO crm.segments (name)
SELECT ('{specialist shops,chains,clubs,rental fleets,online,municipal}'::text[])[1 + (n - 1) % 6]
FROM generate_series(1, 6) AS n;

CREATE TABLE crm.account_segments (
    account_id int NOT NULL REFERENCES crm.accounts,
    segment_id int NOT NULL REFERENCES crm.segments,
    PRIMARY KEY (account_id, segment_id)
);
INSERT INTO crm.account_segments (account_id, segment_id)
SELECT 1 + pg_temp.pick('account_segments.account_id', n, 150),
    1 + pg_temp.pick('account_segments.segment_id', n, 6)
FROM generate_series(1, 180) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE crm.territories (
    territory_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    manager_id int NOT NULL REFERENCES hr.employees
);
INSERT INTO crm.territories (name, manager_id)
SELECT ('{Scandinavia,Benelux,DACH,France,Iberia,Italy,British Isles,Overseas}'::text[])[1 + (n - 1) % 8],
    1 + pg_temp.pick('territories.manager_id', n, 160)
FROM generate_series(1, 8) AS n;

CREATE TABLE crm.territory_accounts (
    territory_id int NOT NULL REFERENCES crm.territories,
    account_id int NOT NULL REFERENCES crm.accounts,
    PRIMARY KEY (territory_id, account_id)
);
INSERT INTO crm.territory_accounts (territory_id, account_id)
SELECT 1 + pg_temp.pick('territory_accounts.territory_id', n, 8),
    1 + pg_temp.pick('territory_accounts.account_id', n, 150)
FROM generate_series(1, 150) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE crm.loyalty_members (
    member_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    full_name text NOT NULL,
    email text NOT NULL,
    joined_on date NOT NULL,
    points_balance int NOT NULL
);
COMMENT ON TABLE crm.loyalty_members IS 'Private persons in the loyalty programme';
INSERT INTO crm.loyalty_members (full_name, email, joined_on, points_balance)
SELECT ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('loyalty_members.full_name', n, 16)],
    'person' || n || '@mail.example',
    date '2015-01-01' + pg_temp.pick('loyalty_members.joined_on', n, 3650),
    0 + pg_temp.pick('loyalty_members.points_balance', n, 5001)
FROM generate_series(1, 200) AS n;

CREATE TABLE crm.loyalty_transactions (
    transaction_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id int NOT NULL REFERENCES crm.loyalty_members,
    points int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('earned', 'redeemed', 'expired')),
    booked_on date NOT NULL
);
INSERT INTO crm.loyalty_transactions (member_id, points, kind, booked_on)
SELECT 1 + pg_temp.pick('loyalty_transactions.member_id', n, 200),
    10 + pg_temp.pick('loyalty_transactions.points', n, 391),
    ('{earned,redeemed,expired}'::text[])[1 + pg_temp.pick('loyalty_transactions.kind', n, 3)],
    date '2025-01-01' + pg_temp.pick('loyalty_transactions.booked_on', n, 365)
FROM generate_series(1, 400) AS n;

CREATE TABLE crm.customer_visits (
    visit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    employee_id int NOT NULL REFERENCES hr.employees,
    visited_on date NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('order', 'follow-up', 'nothing'))
);
INSERT INTO crm.customer_visits (account_id, employee_id, visited_on, outcome)
SELECT 1 + pg_temp.pick('customer_visits.account_id', n, 150),
    1 + pg_temp.pick('customer_visits.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('customer_visits.visited_on', n, 365),
    ('{order,follow-up,nothing}'::text[])[1 + pg_temp.pick('customer_visits.outcome', n, 3)]
FROM generate_series(1, 100) AS n;

CREATE TABLE crm.consent_records (
    consent_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id int NOT NULL REFERENCES crm.contacts,
    purpose text NOT NULL CHECK (purpose IN ('newsletter', 'profiling', 'phone')),
    granted_on date NOT NULL,
    withdrawn_on date
);
INSERT INTO crm.consent_records (contact_id, purpose, granted_on, withdrawn_on)
SELECT 1 + pg_temp.pick('consent_records.contact_id', n, 300),
    ('{newsletter,profiling,phone}'::text[])[1 + pg_temp.pick('consent_records.purpose', n, 3)],
    date '2025-01-01' + pg_temp.pick('consent_records.granted_on', n, 365),
    CASE WHEN pg_temp.pick('consent_records.withdrawn_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('consent_records.withdrawn_on', n, 365) END
FROM generate_series(1, 200) AS n;

CREATE SCHEMA procurement;
COMMENT ON SCHEMA procurement IS 'Buying parts and services';

CREATE TABLE procurement.suppliers (
    supplier_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    country_id int NOT NULL REFERENCES core.countries,
    payment_terms_days int NOT NULL,
    is_approved boolean NOT NULL
);
COMMENT ON TABLE procurement.suppliers IS 'Vendors who deliver to us';
INSERT INTO procurement.suppliers (name, country_id, payment_terms_days, is_approved)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('suppliers.name', n, 18)] || ' ' || n,
    1 + pg_temp.pick('suppliers.country_id', n, 20),
    14 + pg_temp.pick('suppliers.payment_terms_days', n, 77),
    pg_temp.pick('suppliers.is_approved', n, 4) > 0
FROM generate_series(1, 60) AS n;

CREATE TABLE procurement.supplier_contacts (
    supplier_contact_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    full_name text NOT NULL,
    email text NOT NULL
);
INSERT INTO procurement.supplier_contacts (supplier_id, full_name, email)
SELECT 1 + pg_temp.pick('supplier_contacts.supplier_id', n, 60),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('supplier_contacts.full_name', n, 16)],
    'person' || n || '@mail.example'
FROM generate_series(1, 80) AS n;

CREATE TABLE procurement.parts (
    part_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    part_number text NOT NULL,
    description text NOT NULL,
    unit_id int NOT NULL REFERENCES core.units_of_measure,
    standard_cost numeric(12,2) NOT NULL,
    is_critical boolean NOT NULL
);
COMMENT ON TABLE procurement.parts IS 'Components and raw material that we buy';
INSERT INTO procurement.parts (part_number, description, unit_id, standard_cost, is_critical)
SELECT 'Part ' || n,
    ('{Spoke,Hub,Rim,Chain,Crank,Pedal,Fork,Headset,Bearing,Cable,Brake pad,Battery cell,Motor,Saddle shell,Tube 6061,Tyre,Bolt M5,Sprocket}'::text[])[1 + pg_temp.pick('parts.description', n, 18)],
    1 + pg_temp.pick('parts.unit_id', n, 8),
    1 + pg_temp.pick('parts.standard_cost', n, 29900) / 100.0,
    pg_temp.pick('parts.is_critical', n, 4) = 0
FROM generate_series(1, 200) AS n;

CREATE TABLE procurement.supplier_parts (
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    part_id int NOT NULL REFERENCES procurement.parts,
    unit_price numeric(12,2) NOT NULL,
    lead_time_days int NOT NULL,
    PRIMARY KEY (supplier_id, part_id)
);
COMMENT ON TABLE procurement.supplier_parts IS 'Who can deliver which part, at which price';
INSERT INTO procurement.supplier_parts (supplier_id, part_id, unit_price, lead_time_days)
SELECT 1 + pg_temp.pick('supplier_parts.supplier_id', n, 60),
    1 + pg_temp.pick('supplier_parts.part_id', n, 200),
    1 + pg_temp.pick('supplier_parts.unit_price', n, 29900) / 100.0,
    3 + pg_temp.pick('supplier_parts.lead_time_days', n, 88)
FROM generate_series(1, 320) AS n
ON CONFLICT DO NOTHING;

CREATE TYPE procurement.purchase_order_status AS ENUM ('draft', 'sent', 'confirmed', 'received', 'cancelled');

CREATE TABLE procurement.purchase_orders (
    purchase_order_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    buyer_id int NOT NULL REFERENCES hr.employees,
    ordered_on date NOT NULL,
    promised_on date NOT NULL,
    status procurement.purchase_order_status NOT NULL
);
COMMENT ON TABLE procurement.purchase_orders IS 'What we order from suppliers; customers'' orders are in sales';
INSERT INTO procurement.purchase_orders (supplier_id, buyer_id, ordered_on, promised_on, status)
SELECT 1 + pg_temp.pick('purchase_orders.supplier_id', n, 60),
    1 + pg_temp.pick('purchase_orders.buyer_id', n, 160),
    date '2025-01-01' + pg_temp.pick('purchase_orders.ordered_on', n, 365),
    date '2025-01-01' + pg_temp.pick('purchase_orders.ordered_on', n, 365) + 5 + pg_temp.pick('purchase_orders.promised_on', n, 25),
    (('{draft,sent,confirmed,received,cancelled}'::text[])[1 + pg_temp.pick('purchase_orders.status', n, 5)])::procurement.purchase_order_status
FROM generate_series(1, 260) AS n;

CREATE TABLE procurement.purchase_order_lines (
    line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_order_id int NOT NULL REFERENCES procurement.purchase_orders,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    received_quantity int NOT NULL
);
INSERT INTO procurement.purchase_order_lines (purchase_order_id, part_id, quantity, unit_price, received_quantity)
SELECT 1 + pg_temp.pick('purchase_order_lines.purchase_order_id', n, 260),
    1 + pg_temp.pick('purchase_order_lines.part_id', n, 200),
    5 + pg_temp.pick('purchase_order_lines.quantity', n, 396),
    1 + pg_temp.pick('purchase_order_lines.unit_price', n, 29900) / 100.0,
    0 + pg_temp.pick('purchase_order_lines.received_quantity', n, 401)
FROM generate_series(1, 600) AS n;

CREATE TABLE procurement.goods_receipts (
    receipt_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_order_id int NOT NULL REFERENCES procurement.purchase_orders,
    received_on date NOT NULL,
    received_by int NOT NULL REFERENCES hr.employees
);
INSERT INTO procurement.goods_receipts (purchase_order_id, received_on, received_by)
SELECT 1 + pg_temp.pick('goods_receipts.purchase_order_id', n, 260),
    date '2025-01-01' + pg_temp.pick('goods_receipts.received_on', n, 365),
    1 + pg_temp.pick('goods_receipts.received_by', n, 160)
FROM generate_series(1, 220) AS n;

CREATE TABLE procurement.goods_receipt_lines (
    receipt_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id int NOT NULL REFERENCES procurement.goods_receipts,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    rejected_quantity int NOT NULL
);
INSERT INTO procurement.goods_receipt_lines (receipt_id, part_id, quantity, rejected_quantity)
SELECT 1 + pg_temp.pick('goods_receipt_lines.receipt_id', n, 220),
    1 + pg_temp.pick('goods_receipt_lines.part_id', n, 200),
    1 + pg_temp.pick('goods_receipt_lines.quantity', n, 300),
    0 + pg_temp.pick('goods_receipt_lines.rejected_quantity', n, 13)
FROM generate_series(1, 400) AS n;

CREATE TABLE procurement.requisitions (
    requisition_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    requested_by int NOT NULL REFERENCES hr.employees,
    department_id int NOT NULL REFERENCES hr.departments,
    amount numeric(12,2) NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'approved', 'rejected')),
    submitted_on date NOT NULL
);
COMMENT ON TABLE procurement.requisitions IS 'Internal wishes to buy something';
INSERT INTO procurement.requisitions (requested_by, department_id, amount, status, submitted_on)
SELECT 1 + pg_temp.pick('requisitions.requested_by', n, 160),
    1 + pg_temp.pick('requisitions.department_id', n, 12),
    20 + pg_temp.pick('requisitions.amount', n, 898000) / 100.0,
    ('{submitted,approved,rejected}'::text[])[1 + pg_temp.pick('requisitions.status', n, 3)],
    date '2025-01-01' + pg_temp.pick('requisitions.submitted_on', n, 365)
FROM generate_series(1, 120) AS n;

CREATE TABLE procurement.quotations (
    quotation_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    part_id int NOT NULL REFERENCES procurement.parts,
    quoted_price numeric(12,2) NOT NULL,
    valid_until date NOT NULL
);
COMMENT ON TABLE procurement.quotations IS 'Offers that suppliers made us';
INSERT INTO procurement.quotations (supplier_id, part_id, quoted_price, valid_until)
SELECT 1 + pg_temp.pick('quotations.supplier_id', n, 60),
    1 + pg_temp.pick('quotations.part_id', n, 200),
    1 + pg_temp.pick('quotations.quoted_price', n, 29900) / 100.0,
    date '2025-07-01' + pg_temp.pick('quotations.valid_until', n, 730)
FROM generate_series(1, 140) AS n;

CREATE TABLE procurement.supplier_contracts (
    supplier_contract_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    volume_commitment numeric(12,2) NOT NULL
);
COMMENT ON TABLE procurement.supplier_contracts IS 'Framework agreements';
INSERT INTO procurement.supplier_contracts (supplier_id, starts_on, ends_on, volume_commitment)
SELECT 1 + pg_temp.pick('supplier_contracts.supplier_id', n, 60),
    date '2025-01-01' + pg_temp.pick('supplier_contracts.starts_on', n, 365),
    date '2025-01-01' + pg_temp.pick('supplier_contracts.ends_on', n, 365),
    1000 + pg_temp.pick('supplier_contracts.volume_commitment', n, 39900000) / 100.0
FROM generate_series(1, 50) AS n;

CREATE TABLE procurement.supplier_ratings (
    rating_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    rated_on date NOT NULL,
    delivery_score int NOT NULL,
    quality_score int NOT NULL
);
COMMENT ON TABLE procurement.supplier_ratings IS 'Yearly scorecard';
INSERT INTO procurement.supplier_ratings (supplier_id, rated_on, delivery_score, quality_score)
SELECT 1 + pg_temp.pick('supplier_ratings.supplier_id', n, 60),
    date '2025-01-01' + pg_temp.pick('supplier_ratings.rated_on', n, 365),
    1 + pg_temp.pick('supplier_ratings.delivery_score', n, 10),
    1 + pg_temp.pick('supplier_ratings.quality_score', n, 10)
FROM generate_series(1, 120) AS n;

CREATE TABLE procurement.supplier_audits (
    audit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    audited_on date NOT NULL,
    auditor_id int NOT NULL REFERENCES hr.employees,
    findings_count int NOT NULL
);
INSERT INTO procurement.supplier_audits (supplier_id, audited_on, auditor_id, findings_count)
SELECT 1 + pg_temp.pick('supplier_audits.supplier_id', n, 60),
    date '2025-01-01' + pg_temp.pick('supplier_audits.audited_on', n, 365),
    1 + pg_temp.pick('supplier_audits.auditor_id', n, 160),
    0 + pg_temp.pick('supplier_audits.findings_count', n, 10)
FROM generate_series(1, 30) AS n;

CREATE TABLE procurement.blanket_releases (
    release_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_contract_id int NOT NULL REFERENCES procurement.supplier_contracts,
    released_on date NOT NULL,
    amount numeric(12,2) NOT NULL
);
INSERT INTO procurement.blanket_releases (supplier_contract_id, released_on, amount)
SELECT 1 + pg_temp.pick('blanket_releases.supplier_contract_id', n, 50),
    date '2025-01-01' + pg_temp.pick('blanket_releases.released_on', n, 365),
    100 + pg_temp.pick('blanket_releases.amount', n, 890000) / 100.0
FROM generate_series(1, 60) AS n;

CREATE TABLE procurement.supplier_certificates (
    certificate_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    standard text NOT NULL CHECK (standard IN ('ISO 9001', 'ISO 14001', 'SA8000')),
    expires_on date NOT NULL
);
INSERT INTO procurement.supplier_certificates (supplier_id, standard, expires_on)
SELECT 1 + pg_temp.pick('supplier_certificates.supplier_id', n, 60),
    ('{ISO 9001,ISO 14001,SA8000}'::text[])[1 + pg_temp.pick('supplier_certificates.standard', n, 3)],
    date '2025-07-01' + pg_temp.pick('supplier_certificates.expires_on', n, 730)
FROM generate_series(1, 70) AS n;

CREATE TABLE procurement.commodity_prices (
    commodity_price_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commodity text NOT NULL CHECK (commodity IN ('aluminium', 'steel', 'carbon fibre', 'rubber')),
    quoted_on date NOT NULL,
    price_per_tonne int NOT NULL
);
COMMENT ON TABLE procurement.commodity_prices IS 'Market prices of raw material';
INSERT INTO procurement.commodity_prices (commodity, quoted_on, price_per_tonne)
SELECT ('{aluminium,steel,carbon fibre,rubber}'::text[])[1 + pg_temp.pick('commodity_prices.commodity', n, 4)],
    date '2025-01-01' + pg_temp.pick('commodity_prices.quoted_on', n, 365),
    400 + pg_temp.pick('commodity_prices.price_per_tonne', n, 8601)
FROM generate_series(1, 200) AS n;

CREATE TABLE procurement.customs_tariffs (
    tariff_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hs_code text NOT NULL,
    description text NOT NULL,
    duty_percent numeric(12,2) NOT NULL
);
INSERT INTO procurement.customs_tariffs (hs_code, description, duty_percent)
SELECT 'Hs ' || n,
    'Description ' || n,
    0 + pg_temp.pick('customs_tariffs.duty_percent', n, 1700) / 100.0
FROM generate_series(1, 20) AS n;

CREATE SCHEMA warehouse;
COMMENT ON SCHEMA warehouse IS 'Stock and its movements';

CREATE TABLE warehouse.warehouses (
    warehouse_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    location_id int NOT NULL REFERENCES hr.locations,
    capacity_pallets int NOT NULL
);
INSERT INTO warehouse.warehouses (name, location_id, capacity_pallets)
SELECT ('{Central depot,Bergen store,Gdansk store,Porto hub,Overflow hall}'::text[])[1 + (n - 1) % 5],
    1 + pg_temp.pick('warehouses.location_id', n, 6),
    500 + pg_temp.pick('warehouses.capacity_pallets', n, 8501)
FROM generate_series(1, 5) AS n;

CREATE TABLE warehouse.zones (
    zone_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    name text NOT NULL,
    temperature text NOT NULL CHECK (temperature IN ('ambient', 'cool', 'heated'))
);
INSERT INTO warehouse.zones (warehouse_id, name, temperature)
SELECT 1 + pg_temp.pick('zones.warehouse_id', n, 5),
    'Zone ' || n,
    ('{ambient,cool,heated}'::text[])[1 + pg_temp.pick('zones.temperature', n, 3)]
FROM generate_series(1, 20) AS n;

CREATE TABLE warehouse.bins (
    bin_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id int NOT NULL REFERENCES warehouse.zones,
    code text NOT NULL,
    max_weight_kg int NOT NULL
);
COMMENT ON TABLE warehouse.bins IS 'Shelf places';
INSERT INTO warehouse.bins (zone_id, code, max_weight_kg)
SELECT 1 + pg_temp.pick('bins.zone_id', n, 20),
    'Code ' || n,
    50 + pg_temp.pick('bins.max_weight_kg', n, 851)
FROM generate_series(1, 150) AS n;

CREATE TABLE warehouse.stock_levels (
    stock_level_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    variant_id int NOT NULL REFERENCES product.product_variants,
    on_hand int NOT NULL,
    reserved int NOT NULL,
    reorder_point int NOT NULL
);
COMMENT ON TABLE warehouse.stock_levels IS 'What lies where right now';
COMMENT ON COLUMN warehouse.stock_levels.on_hand IS 'Pieces, reserved ones included';
INSERT INTO warehouse.stock_levels (warehouse_id, variant_id, on_hand, reserved, reorder_point)
SELECT 1 + pg_temp.pick('stock_levels.warehouse_id', n, 5),
    1 + pg_temp.pick('stock_levels.variant_id', n, 300),
    0 + pg_temp.pick('stock_levels.on_hand', n, 201),
    0 + pg_temp.pick('stock_levels.reserved', n, 41),
    5 + pg_temp.pick('stock_levels.reorder_point', n, 56)
FROM generate_series(1, 400) AS n;

CREATE TABLE warehouse.part_stock (
    part_stock_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    part_id int NOT NULL REFERENCES procurement.parts,
    on_hand int NOT NULL
);
COMMENT ON TABLE warehouse.part_stock IS 'Raw material on the shelf';
INSERT INTO warehouse.part_stock (warehouse_id, part_id, on_hand)
SELECT 1 + pg_temp.pick('part_stock.warehouse_id', n, 5),
    1 + pg_temp.pick('part_stock.part_id', n, 200),
    0 + pg_temp.pick('part_stock.on_hand', n, 901)
FROM generate_series(1, 250) AS n;

CREATE TABLE warehouse.stock_movements (
    movement_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id int NOT NULL REFERENCES product.product_variants,
    from_bin_id int REFERENCES warehouse.bins,
    to_bin_id int REFERENCES warehouse.bins,
    quantity int NOT NULL,
    moved_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('sale', 'return', 'transfer', 'count', 'scrap'))
);
INSERT INTO warehouse.stock_movements (variant_id, from_bin_id, to_bin_id, quantity, moved_at, reason)
SELECT 1 + pg_temp.pick('stock_movements.variant_id', n, 300),
    CASE WHEN pg_temp.pick('stock_movements.from_bin_id?', n, 4) > 0 THEN 1 + pg_temp.pick('stock_movements.from_bin_id', n, 150) END,
    CASE WHEN pg_temp.pick('stock_movements.to_bin_id?', n, 4) > 0 THEN 1 + pg_temp.pick('stock_movements.to_bin_id', n, 150) END,
    1 + pg_temp.pick('stock_movements.quantity', n, 40),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('stock_movements.moved_at', n, 525600) * interval '1 minute',
    ('{sale,return,transfer,count,scrap}'::text[])[1 + pg_temp.pick('stock_movements.reason', n, 5)]
FROM generate_series(1, 700) AS n;

CREATE TABLE warehouse.inventory_counts (
    count_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    counted_on date NOT NULL,
    counted_by int NOT NULL REFERENCES hr.employees
);
COMMENT ON TABLE warehouse.inventory_counts IS 'Stocktakes';
INSERT INTO warehouse.inventory_counts (warehouse_id, counted_on, counted_by)
SELECT 1 + pg_temp.pick('inventory_counts.warehouse_id', n, 5),
    date '2025-01-01' + pg_temp.pick('inventory_counts.counted_on', n, 365),
    1 + pg_temp.pick('inventory_counts.counted_by', n, 160)
FROM generate_series(1, 40) AS n;

CREATE TABLE warehouse.inventory_count_lines (
    count_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    count_id int NOT NULL REFERENCES warehouse.inventory_counts,
    variant_id int NOT NULL REFERENCES product.product_variants,
    expected int NOT NULL,
    found int NOT NULL
);
INSERT INTO warehouse.inventory_count_lines (count_id, variant_id, expected, found)
SELECT 1 + pg_temp.pick('inventory_count_lines.count_id', n, 40),
    1 + pg_temp.pick('inventory_count_lines.variant_id', n, 300),
    0 + pg_temp.pick('inventory_count_lines.expected', n, 101),
    0 + pg_temp.pick('inventory_count_lines.found', n, 101)
FROM generate_series(1, 240) AS n;

CREATE TABLE warehouse.pick_lists (
    pick_list_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    picker_id int NOT NULL REFERENCES hr.employees,
    started_at timestamptz NOT NULL,
    finished_at timestamptz
);
INSERT INTO warehouse.pick_lists (warehouse_id, picker_id, started_at, finished_at)
SELECT 1 + pg_temp.pick('pick_lists.warehouse_id', n, 5),
    1 + pg_temp.pick('pick_lists.picker_id', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('pick_lists.started_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('pick_lists.finished_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('pick_lists.finished_at', n, 525600) * interval '1 minute' END
FROM generate_series(1, 200) AS n;

CREATE TABLE warehouse.pick_list_lines (
    pick_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pick_list_id int NOT NULL REFERENCES warehouse.pick_lists,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    short_picked boolean NOT NULL
);
INSERT INTO warehouse.pick_list_lines (pick_list_id, variant_id, quantity, short_picked)
SELECT 1 + pg_temp.pick('pick_list_lines.pick_list_id', n, 200),
    1 + pg_temp.pick('pick_list_lines.variant_id', n, 300),
    1 + pg_temp.pick('pick_list_lines.quantity', n, 12),
    pg_temp.pick('pick_list_lines.short_picked', n, 4) = 0
FROM generate_series(1, 500) AS n;

CREATE TABLE warehouse.inbound_deliveries (
    inbound_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    purchase_order_id int NOT NULL REFERENCES procurement.purchase_orders,
    arrived_at timestamptz NOT NULL,
    pallets int NOT NULL
);
COMMENT ON TABLE warehouse.inbound_deliveries IS 'Trucks that bring goods to us';
INSERT INTO warehouse.inbound_deliveries (warehouse_id, purchase_order_id, arrived_at, pallets)
SELECT 1 + pg_temp.pick('inbound_deliveries.warehouse_id', n, 5),
    1 + pg_temp.pick('inbound_deliveries.purchase_order_id', n, 260),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('inbound_deliveries.arrived_at', n, 525600) * interval '1 minute',
    1 + pg_temp.pick('inbound_deliveries.pallets', n, 33)
FROM generate_series(1, 120) AS n;

CREATE TABLE warehouse.forklifts (
    forklift_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    serial_number text NOT NULL,
    next_inspection_on date NOT NULL
);
INSERT INTO warehouse.forklifts (warehouse_id, serial_number, next_inspection_on)
SELECT 1 + pg_temp.pick('forklifts.warehouse_id', n, 5),
    'Serial ' || n,
    date '2025-07-01' + pg_temp.pick('forklifts.next_inspection_on', n, 730)
FROM generate_series(1, 14) AS n;

CREATE TABLE warehouse.dock_doors (
    dock_door_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    label text NOT NULL
);
INSERT INTO warehouse.dock_doors (warehouse_id, label)
SELECT 1 + pg_temp.pick('dock_doors.warehouse_id', n, 5),
    'Label ' || n
FROM generate_series(1, 24) AS n;

CREATE TABLE warehouse.dock_appointments (
    appointment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dock_door_id int NOT NULL REFERENCES warehouse.dock_doors,
    carrier_name text NOT NULL,
    starts_at timestamptz NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out'))
);
INSERT INTO warehouse.dock_appointments (dock_door_id, carrier_name, starts_at, direction)
SELECT 1 + pg_temp.pick('dock_appointments.dock_door_id', n, 24),
    ('{DHL,DPD,PostNord,UPS,Schenker,GLS,Bring,Kuehne}'::text[])[1 + pg_temp.pick('dock_appointments.carrier_name', n, 8)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('dock_appointments.starts_at', n, 525600) * interval '1 minute',
    ('{in,out}'::text[])[1 + pg_temp.pick('dock_appointments.direction', n, 2)]
FROM generate_series(1, 150) AS n;

CREATE TABLE warehouse.batches (
    batch_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    part_id int NOT NULL REFERENCES procurement.parts,
    lot_number text NOT NULL,
    expires_on date
);
INSERT INTO warehouse.batches (part_id, lot_number, expires_on)
SELECT 1 + pg_temp.pick('batches.part_id', n, 200),
    'Lot ' || n,
    CASE WHEN pg_temp.pick('batches.expires_on?', n, 4) > 0 THEN date '2025-07-01' + pg_temp.pick('batches.expires_on', n, 730) END
FROM generate_series(1, 80) AS n;

CREATE TABLE warehouse.write_offs (
    write_off_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    reason text NOT NULL CHECK (reason IN ('damaged', 'obsolete', 'stolen', 'expired')),
    value numeric(12,2) NOT NULL,
    written_off_on date NOT NULL
);
COMMENT ON TABLE warehouse.write_offs IS 'Stock that had to be scrapped or was stolen';
INSERT INTO warehouse.write_offs (warehouse_id, variant_id, quantity, reason, value, written_off_on)
SELECT 1 + pg_temp.pick('write_offs.warehouse_id', n, 5),
    1 + pg_temp.pick('write_offs.variant_id', n, 300),
    1 + pg_temp.pick('write_offs.quantity', n, 9),
    ('{damaged,obsolete,stolen,expired}'::text[])[1 + pg_temp.pick('write_offs.reason', n, 4)],
    10 + pg_temp.pick('write_offs.value', n, 299000) / 100.0,
    date '2025-01-01' + pg_temp.pick('write_offs.written_off_on', n, 365)
FROM generate_series(1, 40) AS n;

CREATE TABLE warehouse.replenishment_rules (
    rule_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id int NOT NULL REFERENCES product.product_variants,
    min_quantity int NOT NULL,
    max_quantity int NOT NULL
);
INSERT INTO warehouse.replenishment_rules (variant_id, min_quantity, max_quantity)
SELECT 1 + pg_temp.pick('replenishment_rules.variant_id', n, 300),
    5 + pg_temp.pick('replenishment_rules.min_quantity', n, 36),
    50 + pg_temp.pick('replenishment_rules.max_quantity', n, 151)
FROM generate_series(1, 60) AS n;

CREATE TABLE warehouse.packaging_materials (
    material_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    unit_cost numeric(12,2) NOT NULL
);
INSERT INTO warehouse.packaging_materials (name, unit_cost)
SELECT ('{Carton S,Carton M,Carton L,Bike box,Bubble wrap,Tape,Pallet wrap,Label roll,Foam corner,Paper fill,Strap,Zip bag}'::text[])[1 + (n - 1) % 12],
    1 + pg_temp.pick('packaging_materials.unit_cost', n, 800) / 100.0
FROM generate_series(1, 12) AS n;

CREATE SCHEMA manufacturing;
COMMENT ON SCHEMA manufacturing IS 'Making bicycles';

CREATE TABLE manufacturing.shifts (
    shift_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    starts text NOT NULL
);
INSERT INTO manufacturing.shifts (name, starts)
SELECT ('{early,late,night}'::text[])[1 + (n - 1) % 3],
    'Starts ' || n
FROM generate_series(1, 3) AS n;

CREATE TABLE manufacturing.plants (
    plant_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    location_id int NOT NULL REFERENCES hr.locations
);
INSERT INTO manufacturing.plants (name, location_id)
SELECT ('{Bergen works,Gdansk works,Porto works}'::text[])[1 + (n - 1) % 3],
    1 + pg_temp.pick('plants.location_id', n, 6)
FROM generate_series(1, 3) AS n;

CREATE TABLE manufacturing.production_lines (
    line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plant_id int NOT NULL REFERENCES manufacturing.plants,
    name text NOT NULL,
    capacity_per_shift int NOT NULL
);
INSERT INTO manufacturing.production_lines (plant_id, name, capacity_per_shift)
SELECT 1 + pg_temp.pick('production_lines.plant_id', n, 3),
    'Production line ' || n,
    20 + pg_temp.pick('production_lines.capacity_per_shift', n, 181)
FROM generate_series(1, 9) AS n;

CREATE TABLE manufacturing.machines (
    machine_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id int NOT NULL REFERENCES manufacturing.production_lines,
    name text NOT NULL,
    serial_number text NOT NULL,
    installed_on date NOT NULL,
    purchase_cost numeric(12,2) NOT NULL
);
INSERT INTO manufacturing.machines (line_id, name, serial_number, installed_on, purchase_cost)
SELECT 1 + pg_temp.pick('machines.line_id', n, 9),
    ('{Tube bender,Robot welder,Paint booth,Wheel truer,CNC mill,Laser cutter,Oven,Press}'::text[])[1 + pg_temp.pick('machines.name', n, 8)] || ' ' || n,
    'Serial ' || n,
    date '2015-01-01' + pg_temp.pick('machines.installed_on', n, 3650),
    5000 + pg_temp.pick('machines.purchase_cost', n, 39500000) / 100.0
FROM generate_series(1, 45) AS n;

CREATE TABLE manufacturing.work_centers (
    work_center_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plant_id int NOT NULL REFERENCES manufacturing.plants,
    name text NOT NULL,
    hourly_rate numeric(12,2) NOT NULL
);
INSERT INTO manufacturing.work_centers (plant_id, name, hourly_rate)
SELECT 1 + pg_temp.pick('work_centers.plant_id', n, 3),
    ('{Cutting,Welding,Painting,Wheel building,Assembly,Packing,Electronics,Testing,Sewing,Milling,Curing,Finishing}'::text[])[1 + (n - 1) % 12],
    20 + pg_temp.pick('work_centers.hourly_rate', n, 7500) / 100.0
FROM generate_series(1, 12) AS n;

CREATE TABLE manufacturing.bills_of_materials (
    bom_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    version int NOT NULL,
    valid_from date NOT NULL
);
COMMENT ON TABLE manufacturing.bills_of_materials IS 'Recipe of a product, by version';
INSERT INTO manufacturing.bills_of_materials (product_id, version, valid_from)
SELECT 1 + pg_temp.pick('bills_of_materials.product_id', n, 120),
    1 + pg_temp.pick('bills_of_materials.version', n, 4),
    date '2025-01-01' + pg_temp.pick('bills_of_materials.valid_from', n, 365)
FROM generate_series(1, 120) AS n;

CREATE TABLE manufacturing.bom_components (
    bom_id int NOT NULL REFERENCES manufacturing.bills_of_materials,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    PRIMARY KEY (bom_id, part_id)
);
COMMENT ON TABLE manufacturing.bom_components IS 'Parts that a recipe needs';
INSERT INTO manufacturing.bom_components (bom_id, part_id, quantity)
SELECT 1 + pg_temp.pick('bom_components.bom_id', n, 120),
    1 + pg_temp.pick('bom_components.part_id', n, 200),
    1 + pg_temp.pick('bom_components.quantity', n, 24)
FROM generate_series(1, 500) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE manufacturing.routings (
    routing_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    name text NOT NULL
);
INSERT INTO manufacturing.routings (product_id, name)
SELECT 1 + pg_temp.pick('routings.product_id', n, 120),
    'Routing ' || n
FROM generate_series(1, 100) AS n;

CREATE TABLE manufacturing.routing_steps (
    step_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    routing_id int NOT NULL REFERENCES manufacturing.routings,
    work_center_id int NOT NULL REFERENCES manufacturing.work_centers,
    sequence_no int NOT NULL,
    standard_minutes int NOT NULL
);
INSERT INTO manufacturing.routing_steps (routing_id, work_center_id, sequence_no, standard_minutes)
SELECT 1 + pg_temp.pick('routing_steps.routing_id', n, 100),
    1 + pg_temp.pick('routing_steps.work_center_id', n, 12),
    1 + pg_temp.pick('routing_steps.sequence_no', n, 9),
    2 + pg_temp.pick('routing_steps.standard_minutes', n, 89)
FROM generate_series(1, 300) AS n;

CREATE TYPE manufacturing.work_order_status AS ENUM ('planned', 'running', 'finished', 'aborted');

CREATE TABLE manufacturing.work_orders (
    work_order_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    line_id int NOT NULL REFERENCES manufacturing.production_lines,
    planned_quantity int NOT NULL,
    started_on date NOT NULL,
    finished_on date,
    status manufacturing.work_order_status NOT NULL
);
COMMENT ON TABLE manufacturing.work_orders IS 'Orders to the shop floor to make something';
INSERT INTO manufacturing.work_orders (product_id, line_id, planned_quantity, started_on, finished_on, status)
SELECT 1 + pg_temp.pick('work_orders.product_id', n, 120),
    1 + pg_temp.pick('work_orders.line_id', n, 9),
    10 + pg_temp.pick('work_orders.planned_quantity', n, 191),
    date '2025-01-01' + pg_temp.pick('work_orders.started_on', n, 365),
    CASE WHEN pg_temp.pick('work_orders.finished_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('work_orders.started_on', n, 365) + 1 + pg_temp.pick('work_orders.finished_on', n, 13) END,
    (('{planned,running,finished,aborted}'::text[])[1 + pg_temp.pick('work_orders.status', n, 4)])::manufacturing.work_order_status
FROM generate_series(1, 300) AS n;

CREATE TABLE manufacturing.production_outputs (
    output_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_order_id int NOT NULL REFERENCES manufacturing.work_orders,
    shift_id int NOT NULL REFERENCES manufacturing.shifts,
    good_quantity int NOT NULL,
    scrap_quantity int NOT NULL,
    produced_on date NOT NULL
);
COMMENT ON TABLE manufacturing.production_outputs IS 'What came off the line';
INSERT INTO manufacturing.production_outputs (work_order_id, shift_id, good_quantity, scrap_quantity, produced_on)
SELECT 1 + pg_temp.pick('production_outputs.work_order_id', n, 300),
    1 + pg_temp.pick('production_outputs.shift_id', n, 3),
    5 + pg_temp.pick('production_outputs.good_quantity', n, 86),
    0 + pg_temp.pick('production_outputs.scrap_quantity', n, 10),
    date '2025-01-01' + pg_temp.pick('production_outputs.produced_on', n, 365)
FROM generate_series(1, 500) AS n;

CREATE TABLE manufacturing.shift_assignments (
    assignment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shift_id int NOT NULL REFERENCES manufacturing.shifts,
    employee_id int NOT NULL REFERENCES hr.employees,
    line_id int NOT NULL REFERENCES manufacturing.production_lines,
    work_date date NOT NULL
);
INSERT INTO manufacturing.shift_assignments (shift_id, employee_id, line_id, work_date)
SELECT 1 + pg_temp.pick('shift_assignments.shift_id', n, 3),
    1 + pg_temp.pick('shift_assignments.employee_id', n, 160),
    1 + pg_temp.pick('shift_assignments.line_id', n, 9),
    date '2025-01-01' + pg_temp.pick('shift_assignments.work_date', n, 365)
FROM generate_series(1, 300) AS n;

CREATE TABLE manufacturing.downtimes (
    downtime_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    machine_id int NOT NULL REFERENCES manufacturing.machines,
    started_at timestamptz NOT NULL,
    minutes int NOT NULL,
    reason text NOT NULL CHECK (reason IN ('breakdown', 'setup', 'no material', 'no operator', 'cleaning'))
);
COMMENT ON TABLE manufacturing.downtimes IS 'Stoppages of a machine';
INSERT INTO manufacturing.downtimes (machine_id, started_at, minutes, reason)
SELECT 1 + pg_temp.pick('downtimes.machine_id', n, 45),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('downtimes.started_at', n, 525600) * interval '1 minute',
    5 + pg_temp.pick('downtimes.minutes', n, 476),
    ('{breakdown,setup,no material,no operator,cleaning}'::text[])[1 + pg_temp.pick('downtimes.reason', n, 5)]
FROM generate_series(1, 200) AS n;

CREATE TABLE manufacturing.machine_maintenance (
    maintenance_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    machine_id int NOT NULL REFERENCES manufacturing.machines,
    performed_on date NOT NULL,
    performed_by int NOT NULL REFERENCES hr.employees,
    kind text NOT NULL CHECK (kind IN ('preventive', 'corrective')),
    cost numeric(12,2) NOT NULL
);
COMMENT ON TABLE manufacturing.machine_maintenance IS 'Planned and unplanned servicing';
INSERT INTO manufacturing.machine_maintenance (machine_id, performed_on, performed_by, kind, cost)
SELECT 1 + pg_temp.pick('machine_maintenance.machine_id', n, 45),
    date '2025-01-01' + pg_temp.pick('machine_maintenance.performed_on', n, 365),
    1 + pg_temp.pick('machine_maintenance.performed_by', n, 160),
    ('{preventive,corrective}'::text[])[1 + pg_temp.pick('machine_maintenance.kind', n, 2)],
    50 + pg_temp.pick('machine_maintenance.cost', n, 595000) / 100.0
FROM generate_series(1, 120) AS n;

CREATE TABLE manufacturing.tools (
    tool_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    machine_id int REFERENCES manufacturing.machines,
    wear_percent int NOT NULL
);
INSERT INTO manufacturing.tools (name, machine_id, wear_percent)
SELECT ('{Torque wrench,Caliper,Drill,Spoke key,Gauge,Clamp,Reamer,Tap}'::text[])[1 + pg_temp.pick('tools.name', n, 8)] || ' ' || n,
    CASE WHEN pg_temp.pick('tools.machine_id?', n, 4) > 0 THEN 1 + pg_temp.pick('tools.machine_id', n, 45) END,
    0 + pg_temp.pick('tools.wear_percent', n, 101)
FROM generate_series(1, 50) AS n;

CREATE TABLE manufacturing.material_issues (
    issue_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_order_id int NOT NULL REFERENCES manufacturing.work_orders,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    issued_at timestamptz NOT NULL
);
INSERT INTO manufacturing.material_issues (work_order_id, part_id, quantity, issued_at)
SELECT 1 + pg_temp.pick('material_issues.work_order_id', n, 300),
    1 + pg_temp.pick('material_issues.part_id', n, 200),
    1 + pg_temp.pick('material_issues.quantity', n, 200),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('material_issues.issued_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 400) AS n;

CREATE TABLE manufacturing.production_plans (
    plan_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    plan_month date NOT NULL,
    planned_quantity int NOT NULL
);
INSERT INTO manufacturing.production_plans (product_id, plan_month, planned_quantity)
SELECT 1 + pg_temp.pick('production_plans.product_id', n, 120),
    (date '2025-01-01' + pg_temp.pick('production_plans.plan_month', n, 12) * interval '1 month')::date,
    10 + pg_temp.pick('production_plans.planned_quantity', n, 891)
FROM generate_series(1, 40) AS n;

CREATE TABLE manufacturing.capacity_plans (
    capacity_plan_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id int NOT NULL REFERENCES manufacturing.production_lines,
    plan_month date NOT NULL,
    available_hours int NOT NULL
);
INSERT INTO manufacturing.capacity_plans (line_id, plan_month, available_hours)
SELECT 1 + pg_temp.pick('capacity_plans.line_id', n, 9),
    (date '2025-01-01' + pg_temp.pick('capacity_plans.plan_month', n, 12) * interval '1 month')::date,
    80 + pg_temp.pick('capacity_plans.available_hours', n, 321)
FROM generate_series(1, 36) AS n;

CREATE TABLE manufacturing.sensor_readings (
    sensor_reading_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    machine_id int NOT NULL REFERENCES manufacturing.machines,
    measured_at timestamptz NOT NULL,
    temperature_c numeric(12,2) NOT NULL,
    vibration_mm_s numeric(12,2) NOT NULL
);
INSERT INTO manufacturing.sensor_readings (machine_id, measured_at, temperature_c, vibration_mm_s)
SELECT 1 + pg_temp.pick('sensor_readings.machine_id', n, 45),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('sensor_readings.measured_at', n, 525600) * interval '1 minute',
    20 + pg_temp.pick('sensor_readings.temperature_c', n, 7500) / 100.0,
    0 + pg_temp.pick('sensor_readings.vibration_mm_s', n, 1200) / 100.0
FROM generate_series(1, 600) AS n;

CREATE TABLE manufacturing.engineering_changes (
    engineering_change_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    requested_by int NOT NULL REFERENCES hr.employees,
    summary text NOT NULL,
    approved_on date
);
INSERT INTO manufacturing.engineering_changes (product_id, requested_by, summary, approved_on)
SELECT 1 + pg_temp.pick('engineering_changes.product_id', n, 120),
    1 + pg_temp.pick('engineering_changes.requested_by', n, 160),
    'Summary ' || n,
    CASE WHEN pg_temp.pick('engineering_changes.approved_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('engineering_changes.approved_on', n, 365) END
FROM generate_series(1, 30) AS n;

CREATE TABLE manufacturing.subcontract_orders (
    subcontract_order_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    work_order_id int NOT NULL REFERENCES manufacturing.work_orders,
    process text NOT NULL CHECK (process IN ('painting', 'welding', 'anodising')),
    fee numeric(12,2) NOT NULL
);
COMMENT ON TABLE manufacturing.subcontract_orders IS 'Work done outside, such as painting';
INSERT INTO manufacturing.subcontract_orders (supplier_id, work_order_id, process, fee)
SELECT 1 + pg_temp.pick('subcontract_orders.supplier_id', n, 60),
    1 + pg_temp.pick('subcontract_orders.work_order_id', n, 300),
    ('{painting,welding,anodising}'::text[])[1 + pg_temp.pick('subcontract_orders.process', n, 3)],
    100 + pg_temp.pick('subcontract_orders.fee', n, 890000) / 100.0
FROM generate_series(1, 40) AS n;

CREATE SCHEMA quality;
COMMENT ON SCHEMA quality IS 'Inspection, defects, audits';

CREATE TABLE quality.inspection_plans (
    inspection_plan_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    sample_percent int NOT NULL
);
INSERT INTO quality.inspection_plans (product_id, sample_percent)
SELECT 1 + pg_temp.pick('inspection_plans.product_id', n, 120),
    1 + pg_temp.pick('inspection_plans.sample_percent', n, 20)
FROM generate_series(1, 30) AS n;

CREATE TABLE quality.inspections (
    inspection_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_order_id int NOT NULL REFERENCES manufacturing.work_orders,
    inspector_id int NOT NULL REFERENCES hr.employees,
    inspected_at timestamptz NOT NULL,
    result text NOT NULL CHECK (result IN ('pass', 'rework', 'fail'))
);
INSERT INTO quality.inspections (work_order_id, inspector_id, inspected_at, result)
SELECT 1 + pg_temp.pick('inspections.work_order_id', n, 300),
    1 + pg_temp.pick('inspections.inspector_id', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('inspections.inspected_at', n, 525600) * interval '1 minute',
    ('{pass,rework,fail}'::text[])[1 + pg_temp.pick('inspections.result', n, 3)]
FROM generate_series(1, 300) AS n;

CREATE TABLE quality.defect_codes (
    defect_code_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    description text NOT NULL
);
INSERT INTO quality.defect_codes (code, description)
SELECT 'Code ' || n,
    ('{Paint run,Loose spoke,Cracked weld,Wrong decal,Misaligned wheel,Scratched frame,Missing bolt,Brake rub,Dead battery,Bent hanger,Noisy bearing,Cable too short}'::text[])[1 + (n - 1) % 12]
FROM generate_series(1, 12) AS n;

CREATE TABLE quality.defects (
    defect_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inspection_id int NOT NULL REFERENCES quality.inspections,
    defect_code_id int NOT NULL REFERENCES quality.defect_codes,
    quantity int NOT NULL
);
COMMENT ON TABLE quality.defects IS 'Faults found in an inspection';
INSERT INTO quality.defects (inspection_id, defect_code_id, quantity)
SELECT 1 + pg_temp.pick('defects.inspection_id', n, 300),
    1 + pg_temp.pick('defects.defect_code_id', n, 12),
    1 + pg_temp.pick('defects.quantity', n, 9)
FROM generate_series(1, 260) AS n;

CREATE TABLE quality.incoming_inspections (
    incoming_inspection_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id int NOT NULL REFERENCES procurement.goods_receipts,
    inspected_on date NOT NULL,
    accepted boolean NOT NULL
);
INSERT INTO quality.incoming_inspections (receipt_id, inspected_on, accepted)
SELECT 1 + pg_temp.pick('incoming_inspections.receipt_id', n, 220),
    date '2025-01-01' + pg_temp.pick('incoming_inspections.inspected_on', n, 365),
    pg_temp.pick('incoming_inspections.accepted', n, 4) > 0
FROM generate_series(1, 120) AS n;

CREATE TABLE quality.nonconformities (
    nonconformity_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    detected_on date NOT NULL,
    source text NOT NULL CHECK (source IN ('customer', 'production', 'supplier', 'audit')),
    severity text NOT NULL CHECK (severity IN ('minor', 'major', 'critical')),
    closed_on date
);
INSERT INTO quality.nonconformities (detected_on, source, severity, closed_on)
SELECT date '2025-01-01' + pg_temp.pick('nonconformities.detected_on', n, 365),
    ('{customer,production,supplier,audit}'::text[])[1 + pg_temp.pick('nonconformities.source', n, 4)],
    ('{minor,major,critical}'::text[])[1 + pg_temp.pick('nonconformities.severity', n, 3)],
    CASE WHEN pg_temp.pick('nonconformities.closed_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('nonconformities.closed_on', n, 365) END
FROM generate_series(1, 60) AS n;

CREATE TABLE quality.corrective_actions (
    action_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nonconformity_id int NOT NULL REFERENCES quality.nonconformities,
    responsible_id int NOT NULL REFERENCES hr.employees,
    due_on date NOT NULL,
    done_on date
);
COMMENT ON TABLE quality.corrective_actions IS 'Measures against a nonconformity';
INSERT INTO quality.corrective_actions (nonconformity_id, responsible_id, due_on, done_on)
SELECT 1 + pg_temp.pick('corrective_actions.nonconformity_id', n, 60),
    1 + pg_temp.pick('corrective_actions.responsible_id', n, 160),
    date '2025-01-01' + pg_temp.pick('corrective_actions.due_on', n, 365),
    CASE WHEN pg_temp.pick('corrective_actions.done_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('corrective_actions.done_on', n, 365) END
FROM generate_series(1, 80) AS n;

CREATE TABLE quality.calibrations (
    calibration_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tool_id int NOT NULL REFERENCES manufacturing.tools,
    calibrated_on date NOT NULL,
    next_due_on date NOT NULL,
    passed boolean NOT NULL
);
INSERT INTO quality.calibrations (tool_id, calibrated_on, next_due_on, passed)
SELECT 1 + pg_temp.pick('calibrations.tool_id', n, 50),
    date '2025-01-01' + pg_temp.pick('calibrations.calibrated_on', n, 365),
    date '2025-07-01' + pg_temp.pick('calibrations.next_due_on', n, 730),
    pg_temp.pick('calibrations.passed', n, 4) > 0
FROM generate_series(1, 60) AS n;

CREATE TABLE quality.audits (
    audit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('process', 'product', 'system')),
    lead_auditor_id int NOT NULL REFERENCES hr.employees,
    held_on date NOT NULL,
    score int NOT NULL
);
INSERT INTO quality.audits (scope, lead_auditor_id, held_on, score)
SELECT ('{process,product,system}'::text[])[1 + pg_temp.pick('audits.scope', n, 3)],
    1 + pg_temp.pick('audits.lead_auditor_id', n, 160),
    date '2025-01-01' + pg_temp.pick('audits.held_on', n, 365),
    50 + pg_temp.pick('audits.score', n, 51)
FROM generate_series(1, 20) AS n;

CREATE TABLE quality.audit_findings (
    finding_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    audit_id int NOT NULL REFERENCES quality.audits,
    category text NOT NULL CHECK (category IN ('observation', 'minor', 'major')),
    description text NOT NULL
);
INSERT INTO quality.audit_findings (audit_id, category, description)
SELECT 1 + pg_temp.pick('audit_findings.audit_id', n, 20),
    ('{observation,minor,major}'::text[])[1 + pg_temp.pick('audit_findings.category', n, 3)],
    'Description ' || n
FROM generate_series(1, 60) AS n;

CREATE TABLE quality.recalls (
    recall_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    announced_on date NOT NULL,
    reason text NOT NULL,
    affected_units int NOT NULL
);
COMMENT ON TABLE quality.recalls IS 'Products called back for safety';
INSERT INTO quality.recalls (product_id, announced_on, reason, affected_units)
SELECT 1 + pg_temp.pick('recalls.product_id', n, 120),
    date '2025-01-01' + pg_temp.pick('recalls.announced_on', n, 365),
    'Reason ' || n,
    20 + pg_temp.pick('recalls.affected_units', n, 881)
FROM generate_series(1, 4) AS n;

CREATE TABLE quality.test_benches (
    test_bench_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    plant_id int NOT NULL REFERENCES manufacturing.plants
);
INSERT INTO quality.test_benches (name, plant_id)
SELECT 'Test benche ' || n,
    1 + pg_temp.pick('test_benches.plant_id', n, 3)
FROM generate_series(1, 6) AS n;

CREATE TABLE quality.fatigue_tests (
    test_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    test_bench_id int NOT NULL REFERENCES quality.test_benches,
    product_id int NOT NULL REFERENCES product.products,
    cycles int NOT NULL,
    broke boolean NOT NULL,
    tested_on date NOT NULL
);
COMMENT ON TABLE quality.fatigue_tests IS 'Frames bent until they break';
INSERT INTO quality.fatigue_tests (test_bench_id, product_id, cycles, broke, tested_on)
SELECT 1 + pg_temp.pick('fatigue_tests.test_bench_id', n, 6),
    1 + pg_temp.pick('fatigue_tests.product_id', n, 120),
    20000 + pg_temp.pick('fatigue_tests.cycles', n, 280001),
    pg_temp.pick('fatigue_tests.broke', n, 4) = 0,
    date '2025-01-01' + pg_temp.pick('fatigue_tests.tested_on', n, 365)
FROM generate_series(1, 80) AS n;

CREATE SCHEMA sales;
COMMENT ON SCHEMA sales IS 'Orders of customers';

CREATE TABLE sales.channels (
    channel_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO sales.channels (name)
SELECT ('{dealer,web shop,marketplace,flagship store,export}'::text[])[1 + (n - 1) % 5]
FROM generate_series(1, 5) AS n;

CREATE TABLE sales.sales_reps (
    rep_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    region text NOT NULL CHECK (region IN ('north', 'south', 'east', 'west'))
);
INSERT INTO sales.sales_reps (employee_id, region)
SELECT 1 + pg_temp.pick('sales_reps.employee_id', n, 160),
    ('{north,south,east,west}'::text[])[1 + pg_temp.pick('sales_reps.region', n, 4)]
FROM generate_series(1, 20) AS n;

CREATE TABLE sales.quotes (
    quote_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    rep_id int NOT NULL REFERENCES sales.sales_reps,
    quoted_on date NOT NULL,
    valid_until date NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'expired')),
    total numeric(12,2) NOT NULL
);
COMMENT ON TABLE sales.quotes IS 'Offers to customers';
INSERT INTO sales.quotes (account_id, rep_id, quoted_on, valid_until, status, total)
SELECT 1 + pg_temp.pick('quotes.account_id', n, 150),
    1 + pg_temp.pick('quotes.rep_id', n, 20),
    date '2025-01-01' + pg_temp.pick('quotes.quoted_on', n, 365),
    date '2025-01-01' + pg_temp.pick('quotes.quoted_on', n, 365) + 14 + pg_temp.pick('quotes.valid_until', n, 31),
    ('{open,accepted,declined,expired}'::text[])[1 + pg_temp.pick('quotes.status', n, 4)],
    100 + pg_temp.pick('quotes.total', n, 3990000) / 100.0
FROM generate_series(1, 180) AS n;

CREATE TABLE sales.quote_lines (
    quote_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    quote_id int NOT NULL REFERENCES sales.quotes,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    unit_price numeric(12,2) NOT NULL
);
INSERT INTO sales.quote_lines (quote_id, variant_id, quantity, unit_price)
SELECT 1 + pg_temp.pick('quote_lines.quote_id', n, 180),
    1 + pg_temp.pick('quote_lines.variant_id', n, 300),
    1 + pg_temp.pick('quote_lines.quantity', n, 30),
    10 + pg_temp.pick('quote_lines.unit_price', n, 299000) / 100.0
FROM generate_series(1, 400) AS n;

CREATE TYPE sales.order_status AS ENUM ('open', 'shipped', 'delivered', 'cancelled');

CREATE TABLE sales.orders (
    order_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    channel_id int NOT NULL REFERENCES sales.channels,
    rep_id int REFERENCES sales.sales_reps,
    ordered_at timestamptz NOT NULL,
    requested_on date,
    status sales.order_status NOT NULL,
    shipping_address_id int NOT NULL REFERENCES core.addresses,
    currency_id int NOT NULL REFERENCES core.currencies
);
COMMENT ON TABLE sales.orders IS 'Orders placed by customers';
INSERT INTO sales.orders (account_id, channel_id, rep_id, ordered_at, requested_on, status, shipping_address_id, currency_id)
SELECT 1 + pg_temp.pick('orders.account_id', n, 150),
    1 + pg_temp.pick('orders.channel_id', n, 5),
    CASE WHEN pg_temp.pick('orders.rep_id?', n, 4) > 0 THEN 1 + pg_temp.pick('orders.rep_id', n, 20) END,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('orders.ordered_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('orders.requested_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('orders.requested_on', n, 365) END,
    (('{open,shipped,delivered,cancelled}'::text[])[1 + pg_temp.pick('orders.status', n, 4)])::sales.order_status,
    1 + pg_temp.pick('orders.shipping_address_id', n, 400),
    1 + pg_temp.pick('orders.currency_id', n, 5)
FROM generate_series(1, 600) AS n;

CREATE TABLE sales.order_lines (
    order_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    discount_percent int NOT NULL
);
INSERT INTO sales.order_lines (order_id, variant_id, quantity, unit_price, discount_percent)
SELECT 1 + pg_temp.pick('order_lines.order_id', n, 600),
    1 + pg_temp.pick('order_lines.variant_id', n, 300),
    1 + pg_temp.pick('order_lines.quantity', n, 12),
    10 + pg_temp.pick('order_lines.unit_price', n, 299000) / 100.0,
    0 + pg_temp.pick('order_lines.discount_percent', n, 26)
FROM generate_series(1, 1500) AS n;

CREATE TABLE sales.order_status_changes (
    change_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    status text NOT NULL CHECK (status IN ('open', 'shipped', 'delivered', 'cancelled')),
    changed_at timestamptz NOT NULL,
    changed_by int REFERENCES hr.employees
);
INSERT INTO sales.order_status_changes (order_id, status, changed_at, changed_by)
SELECT 1 + pg_temp.pick('order_status_changes.order_id', n, 600),
    ('{open,shipped,delivered,cancelled}'::text[])[1 + pg_temp.pick('order_status_changes.status', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('order_status_changes.changed_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('order_status_changes.changed_by?', n, 4) > 0 THEN 1 + pg_temp.pick('order_status_changes.changed_by', n, 160) END
FROM generate_series(1, 600) AS n;

CREATE TABLE sales.returns (
    return_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    reason text NOT NULL CHECK (reason IN ('wrong size', 'damaged', 'late', 'changed mind', 'defective')),
    returned_on date NOT NULL,
    restocked boolean NOT NULL
);
COMMENT ON TABLE sales.returns IS 'Goods that customers sent back';
INSERT INTO sales.returns (order_id, reason, returned_on, restocked)
SELECT 1 + pg_temp.pick('returns.order_id', n, 600),
    ('{wrong size,damaged,late,changed mind,defective}'::text[])[1 + pg_temp.pick('returns.reason', n, 5)],
    date '2025-01-01' + pg_temp.pick('returns.returned_on', n, 365),
    pg_temp.pick('returns.restocked', n, 4) = 0
FROM generate_series(1, 120) AS n;

CREATE TABLE sales.return_lines (
    return_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    return_id int NOT NULL REFERENCES sales.returns,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL
);
INSERT INTO sales.return_lines (return_id, variant_id, quantity)
SELECT 1 + pg_temp.pick('return_lines.return_id', n, 120),
    1 + pg_temp.pick('return_lines.variant_id', n, 300),
    1 + pg_temp.pick('return_lines.quantity', n, 4)
FROM generate_series(1, 160) AS n;

CREATE TABLE sales.stores (
    store_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    address_id int NOT NULL REFERENCES core.addresses,
    opened_on date NOT NULL,
    floor_area_m2 int NOT NULL
);
COMMENT ON TABLE sales.stores IS 'Our own shops';
INSERT INTO sales.stores (name, address_id, opened_on, floor_area_m2)
SELECT ('{Oslo flagship,Bergen quay,Malmö station,Hamburg harbour,Utrecht canal,Lyon bridge,Turin arcade,Porto riverside,Leeds market}'::text[])[1 + (n - 1) % 9],
    1 + pg_temp.pick('stores.address_id', n, 400),
    date '2015-01-01' + pg_temp.pick('stores.opened_on', n, 3650),
    60 + pg_temp.pick('stores.floor_area_m2', n, 541)
FROM generate_series(1, 9) AS n;

CREATE TABLE sales.store_sales (
    receipt_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id int NOT NULL REFERENCES sales.stores,
    sold_at timestamptz NOT NULL,
    cashier_id int NOT NULL REFERENCES hr.employees,
    total numeric(12,2) NOT NULL,
    payment_kind text NOT NULL CHECK (payment_kind IN ('card', 'cash', 'voucher'))
);
COMMENT ON TABLE sales.store_sales IS 'Receipts from the till';
INSERT INTO sales.store_sales (store_id, sold_at, cashier_id, total, payment_kind)
SELECT 1 + pg_temp.pick('store_sales.store_id', n, 9),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('store_sales.sold_at', n, 525600) * interval '1 minute',
    1 + pg_temp.pick('store_sales.cashier_id', n, 160),
    5 + pg_temp.pick('store_sales.total', n, 249500) / 100.0,
    ('{card,cash,voucher}'::text[])[1 + pg_temp.pick('store_sales.payment_kind', n, 3)]
FROM generate_series(1, 600) AS n;

CREATE TABLE sales.store_sale_lines (
    receipt_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id int NOT NULL REFERENCES sales.store_sales,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    unit_price numeric(12,2) NOT NULL
);
INSERT INTO sales.store_sale_lines (receipt_id, variant_id, quantity, unit_price)
SELECT 1 + pg_temp.pick('store_sale_lines.receipt_id', n, 600),
    1 + pg_temp.pick('store_sale_lines.variant_id', n, 300),
    1 + pg_temp.pick('store_sale_lines.quantity', n, 3),
    5 + pg_temp.pick('store_sale_lines.unit_price', n, 149500) / 100.0
FROM generate_series(1, 900) AS n;

CREATE TABLE sales.store_visitors (
    count_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id int NOT NULL REFERENCES sales.stores,
    counted_on date NOT NULL,
    visitors int NOT NULL
);
COMMENT ON TABLE sales.store_visitors IS 'People counted at the shop door';
INSERT INTO sales.store_visitors (store_id, counted_on, visitors)
SELECT 1 + pg_temp.pick('store_visitors.store_id', n, 9),
    date '2025-01-01' + pg_temp.pick('store_visitors.counted_on', n, 365),
    20 + pg_temp.pick('store_visitors.visitors', n, 381)
FROM generate_series(1, 270) AS n;

CREATE TABLE sales.commissions (
    commission_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rep_id int NOT NULL REFERENCES sales.sales_reps,
    order_id int NOT NULL REFERENCES sales.orders,
    amount numeric(12,2) NOT NULL,
    paid_on date
);
COMMENT ON TABLE sales.commissions IS 'What sales reps earn on top';
INSERT INTO sales.commissions (rep_id, order_id, amount, paid_on)
SELECT 1 + pg_temp.pick('commissions.rep_id', n, 20),
    1 + pg_temp.pick('commissions.order_id', n, 600),
    5 + pg_temp.pick('commissions.amount', n, 89500) / 100.0,
    CASE WHEN pg_temp.pick('commissions.paid_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('commissions.paid_on', n, 365) END
FROM generate_series(1, 150) AS n;

CREATE TABLE sales.sales_targets (
    target_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rep_id int NOT NULL REFERENCES sales.sales_reps,
    quarter text NOT NULL CHECK (quarter IN ('2025Q1', '2025Q2', '2025Q3', '2025Q4')),
    amount numeric(12,2) NOT NULL
);
INSERT INTO sales.sales_targets (rep_id, quarter, amount)
SELECT 1 + pg_temp.pick('sales_targets.rep_id', n, 20),
    ('{2025Q1,2025Q2,2025Q3,2025Q4}'::text[])[1 + pg_temp.pick('sales_targets.quarter', n, 4)],
    20000 + pg_temp.pick('sales_targets.amount', n, 18000000) / 100.0
FROM generate_series(1, 80) AS n;

CREATE TABLE sales.discount_approvals (
    approval_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    approved_by int NOT NULL REFERENCES hr.employees,
    percent numeric(12,2) NOT NULL
);
INSERT INTO sales.discount_approvals (order_id, approved_by, percent)
SELECT 1 + pg_temp.pick('discount_approvals.order_id', n, 600),
    1 + pg_temp.pick('discount_approvals.approved_by', n, 160),
    5 + pg_temp.pick('discount_approvals.percent', n, 3500) / 100.0
FROM generate_series(1, 40) AS n;

CREATE TABLE sales.promotions (
    promotion_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    percent_off int NOT NULL
);
COMMENT ON TABLE sales.promotions IS 'Price actions';
INSERT INTO sales.promotions (name, starts_on, ends_on, percent_off)
SELECT ('{Spring start,Early bird,Summer sale,Back to school,Autumn ride,Black week,Winter clearance,Dealer days,Bike to work,E-bike month,Helmet swap,Anniversary}'::text[])[1 + (n - 1) % 12],
    date '2025-01-01' + pg_temp.pick('promotions.starts_on', n, 365),
    date '2025-01-01' + pg_temp.pick('promotions.starts_on', n, 365) + 7 + pg_temp.pick('promotions.ends_on', n, 33),
    5 + pg_temp.pick('promotions.percent_off', n, 36)
FROM generate_series(1, 12) AS n;

CREATE TABLE sales.promotion_products (
    promotion_id int NOT NULL REFERENCES sales.promotions,
    product_id int NOT NULL REFERENCES product.products,
    PRIMARY KEY (promotion_id, product_id)
);
INSERT INTO sales.promotion_products (promotion_id, product_id)
SELECT 1 + pg_temp.pick('promotion_products.promotion_id', n, 12),
    1 + pg_temp.pick('promotion_products.product_id', n, 120)
FROM generate_series(1, 70) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE sales.backorders (
    backorder_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_line_id int NOT NULL REFERENCES sales.order_lines,
    expected_on date NOT NULL,
    notified boolean NOT NULL
);
COMMENT ON TABLE sales.backorders IS 'Ordered but not in stock';
INSERT INTO sales.backorders (order_line_id, expected_on, notified)
SELECT 1 + pg_temp.pick('backorders.order_line_id', n, 1500),
    date '2025-01-01' + pg_temp.pick('backorders.expected_on', n, 365),
    pg_temp.pick('backorders.notified', n, 4) = 0
FROM generate_series(1, 60) AS n;

CREATE TABLE sales.gift_cards (
    gift_card_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    initial_value numeric(12,2) NOT NULL,
    remaining_value numeric(12,2) NOT NULL,
    sold_on date NOT NULL
);
INSERT INTO sales.gift_cards (code, initial_value, remaining_value, sold_on)
SELECT 'Code ' || n,
    20 + pg_temp.pick('gift_cards.initial_value', n, 28000) / 100.0,
    0 + pg_temp.pick('gift_cards.remaining_value', n, 2000) / 100.0,
    date '2025-01-01' + pg_temp.pick('gift_cards.sold_on', n, 365)
FROM generate_series(1, 80) AS n;

CREATE TABLE sales.dealer_contracts (
    dealer_contract_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    signed_on date NOT NULL,
    minimum_purchase int NOT NULL,
    expires_on date NOT NULL
);
INSERT INTO sales.dealer_contracts (account_id, signed_on, minimum_purchase, expires_on)
SELECT 1 + pg_temp.pick('dealer_contracts.account_id', n, 150),
    date '2025-01-01' + pg_temp.pick('dealer_contracts.signed_on', n, 365),
    2000 + pg_temp.pick('dealer_contracts.minimum_purchase', n, 78001),
    date '2025-07-01' + pg_temp.pick('dealer_contracts.expires_on', n, 730)
FROM generate_series(1, 60) AS n;

CREATE TABLE sales.rental_bikes (
    rental_bike_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id int NOT NULL REFERENCES sales.stores,
    variant_id int NOT NULL REFERENCES product.product_variants,
    daily_rate numeric(12,2) NOT NULL
);
INSERT INTO sales.rental_bikes (store_id, variant_id, daily_rate)
SELECT 1 + pg_temp.pick('rental_bikes.store_id', n, 9),
    1 + pg_temp.pick('rental_bikes.variant_id', n, 300),
    15 + pg_temp.pick('rental_bikes.daily_rate', n, 7500) / 100.0
FROM generate_series(1, 40) AS n;

CREATE TABLE sales.rentals (
    rental_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rental_bike_id int NOT NULL REFERENCES sales.rental_bikes,
    customer_name text NOT NULL,
    picked_up_on date NOT NULL,
    days int NOT NULL,
    deposit numeric(12,2) NOT NULL
);
COMMENT ON TABLE sales.rentals IS 'Bikes lent to tourists';
INSERT INTO sales.rentals (rental_bike_id, customer_name, picked_up_on, days, deposit)
SELECT 1 + pg_temp.pick('rentals.rental_bike_id', n, 40),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('rentals.customer_name', n, 16)],
    date '2025-01-01' + pg_temp.pick('rentals.picked_up_on', n, 365),
    1 + pg_temp.pick('rentals.days', n, 10),
    50 + pg_temp.pick('rentals.deposit', n, 25000) / 100.0
FROM generate_series(1, 200) AS n;

CREATE SCHEMA billing;
COMMENT ON SCHEMA billing IS 'Invoices and money from customers';

CREATE TABLE billing.payment_terms (
    payment_term_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    net_days int NOT NULL
);
INSERT INTO billing.payment_terms (name, net_days)
SELECT 'Payment term ' || n,
    0 + pg_temp.pick('payment_terms.net_days', n, 61)
FROM generate_series(1, 5) AS n;

CREATE TYPE billing.invoice_status AS ENUM ('draft', 'issued', 'paid', 'overdue', 'written_off');

CREATE TABLE billing.invoices (
    invoice_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    invoice_number text NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    total numeric(12,2) NOT NULL,
    status billing.invoice_status NOT NULL
);
COMMENT ON TABLE billing.invoices IS 'What customers owe us';
INSERT INTO billing.invoices (order_id, invoice_number, issued_on, due_on, total, status)
SELECT 1 + pg_temp.pick('invoices.order_id', n, 600),
    'Invoice ' || n,
    date '2025-01-01' + pg_temp.pick('invoices.issued_on', n, 365),
    date '2025-01-01' + pg_temp.pick('invoices.issued_on', n, 365) + 14 + pg_temp.pick('invoices.due_on', n, 31),
    50 + pg_temp.pick('invoices.total', n, 1995000) / 100.0,
    (('{draft,issued,paid,overdue,written_off}'::text[])[1 + pg_temp.pick('invoices.status', n, 5)])::billing.invoice_status
FROM generate_series(1, 500) AS n;

CREATE TABLE billing.invoice_lines (
    invoice_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    description text NOT NULL,
    amount numeric(12,2) NOT NULL,
    tax_code_id int NOT NULL REFERENCES core.tax_codes
);
INSERT INTO billing.invoice_lines (invoice_id, description, amount, tax_code_id)
SELECT 1 + pg_temp.pick('invoice_lines.invoice_id', n, 500),
    'Description ' || n,
    5 + pg_temp.pick('invoice_lines.amount', n, 399500) / 100.0,
    1 + pg_temp.pick('invoice_lines.tax_code_id', n, 6)
FROM generate_series(1, 900) AS n;

CREATE TABLE billing.credit_notes (
    credit_note_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    amount numeric(12,2) NOT NULL,
    reason text NOT NULL CHECK (reason IN ('return', 'price error', 'goodwill')),
    issued_on date NOT NULL
);
COMMENT ON TABLE billing.credit_notes IS 'Corrections in favour of the customer';
INSERT INTO billing.credit_notes (invoice_id, amount, reason, issued_on)
SELECT 1 + pg_temp.pick('credit_notes.invoice_id', n, 500),
    5 + pg_temp.pick('credit_notes.amount', n, 199500) / 100.0,
    ('{return,price error,goodwill}'::text[])[1 + pg_temp.pick('credit_notes.reason', n, 3)],
    date '2025-01-01' + pg_temp.pick('credit_notes.issued_on', n, 365)
FROM generate_series(1, 60) AS n;

CREATE TABLE billing.customer_payments (
    payment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    amount numeric(12,2) NOT NULL,
    received_on date NOT NULL,
    method text NOT NULL CHECK (method IN ('bank transfer', 'card', 'direct debit', 'cheque'))
);
COMMENT ON TABLE billing.customer_payments IS 'Money received';
INSERT INTO billing.customer_payments (invoice_id, amount, received_on, method)
SELECT 1 + pg_temp.pick('customer_payments.invoice_id', n, 500),
    20 + pg_temp.pick('customer_payments.amount', n, 1498000) / 100.0,
    date '2025-01-01' + pg_temp.pick('customer_payments.received_on', n, 365),
    ('{bank transfer,card,direct debit,cheque}'::text[])[1 + pg_temp.pick('customer_payments.method', n, 4)]
FROM generate_series(1, 420) AS n;

CREATE TABLE billing.payment_reminders (
    reminder_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    level int NOT NULL,
    sent_on date NOT NULL
);
COMMENT ON TABLE billing.payment_reminders IS 'Dunning letters';
INSERT INTO billing.payment_reminders (invoice_id, level, sent_on)
SELECT 1 + pg_temp.pick('payment_reminders.invoice_id', n, 500),
    1 + pg_temp.pick('payment_reminders.level', n, 4),
    date '2025-01-01' + pg_temp.pick('payment_reminders.sent_on', n, 365)
FROM generate_series(1, 120) AS n;

CREATE TABLE billing.direct_debit_mandates (
    mandate_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    iban text NOT NULL,
    signed_on date NOT NULL,
    revoked_on date
);
INSERT INTO billing.direct_debit_mandates (account_id, iban, signed_on, revoked_on)
SELECT 1 + pg_temp.pick('direct_debit_mandates.account_id', n, 150),
    'Iban ' || n,
    date '2025-01-01' + pg_temp.pick('direct_debit_mandates.signed_on', n, 365),
    CASE WHEN pg_temp.pick('direct_debit_mandates.revoked_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('direct_debit_mandates.revoked_on', n, 365) END
FROM generate_series(1, 60) AS n;

CREATE TABLE billing.credit_limits (
    credit_limit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    amount numeric(12,2) NOT NULL,
    approved_by int NOT NULL REFERENCES hr.employees,
    valid_from date NOT NULL
);
COMMENT ON TABLE billing.credit_limits IS 'How much an account may owe';
INSERT INTO billing.credit_limits (account_id, amount, approved_by, valid_from)
SELECT 1 + pg_temp.pick('credit_limits.account_id', n, 150),
    1000 + pg_temp.pick('credit_limits.amount', n, 8900000) / 100.0,
    1 + pg_temp.pick('credit_limits.approved_by', n, 160),
    date '2025-01-01' + pg_temp.pick('credit_limits.valid_from', n, 365)
FROM generate_series(1, 120) AS n;

CREATE TABLE billing.subscriptions (
    subscription_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    plan text NOT NULL CHECK (plan IN ('basic care', 'plus care', 'fleet')),
    monthly_fee numeric(12,2) NOT NULL,
    started_on date NOT NULL,
    cancelled_on date
);
COMMENT ON TABLE billing.subscriptions IS 'Service plans, billed every month';
INSERT INTO billing.subscriptions (account_id, plan, monthly_fee, started_on, cancelled_on)
SELECT 1 + pg_temp.pick('subscriptions.account_id', n, 150),
    ('{basic care,plus care,fleet}'::text[])[1 + pg_temp.pick('subscriptions.plan', n, 3)],
    9 + pg_temp.pick('subscriptions.monthly_fee', n, 29100) / 100.0,
    date '2025-01-01' + pg_temp.pick('subscriptions.started_on', n, 365),
    CASE WHEN pg_temp.pick('subscriptions.cancelled_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('subscriptions.cancelled_on', n, 365) END
FROM generate_series(1, 90) AS n;

CREATE TABLE billing.subscription_invoices (
    subscription_invoice_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id int NOT NULL REFERENCES billing.subscriptions,
    period_month date NOT NULL,
    amount numeric(12,2) NOT NULL
);
INSERT INTO billing.subscription_invoices (subscription_id, period_month, amount)
SELECT 1 + pg_temp.pick('subscription_invoices.subscription_id', n, 90),
    (date '2025-01-01' + pg_temp.pick('subscription_invoices.period_month', n, 12) * interval '1 month')::date,
    9 + pg_temp.pick('subscription_invoices.amount', n, 29100) / 100.0
FROM generate_series(1, 300) AS n;

CREATE TABLE billing.disputes (
    dispute_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    opened_on date NOT NULL,
    reason text NOT NULL CHECK (reason IN ('quantity', 'price', 'quality', 'never ordered')),
    resolved_on date
);
COMMENT ON TABLE billing.disputes IS 'Invoices that a customer does not accept';
INSERT INTO billing.disputes (invoice_id, opened_on, reason, resolved_on)
SELECT 1 + pg_temp.pick('disputes.invoice_id', n, 500),
    date '2015-01-01' + pg_temp.pick('disputes.opened_on', n, 3650),
    ('{quantity,price,quality,never ordered}'::text[])[1 + pg_temp.pick('disputes.reason', n, 4)],
    CASE WHEN pg_temp.pick('disputes.resolved_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('disputes.resolved_on', n, 365) END
FROM generate_series(1, 40) AS n;

CREATE TABLE billing.write_offs (
    write_off_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id int NOT NULL REFERENCES billing.invoices,
    amount numeric(12,2) NOT NULL,
    written_off_on date NOT NULL,
    approved_by int NOT NULL REFERENCES hr.employees
);
COMMENT ON TABLE billing.write_offs IS 'Claims given up';
INSERT INTO billing.write_offs (invoice_id, amount, written_off_on, approved_by)
SELECT 1 + pg_temp.pick('write_offs.invoice_id', n, 500),
    20 + pg_temp.pick('write_offs.amount', n, 398000) / 100.0,
    date '2025-01-01' + pg_temp.pick('write_offs.written_off_on', n, 365),
    1 + pg_temp.pick('write_offs.approved_by', n, 160)
FROM generate_series(1, 20) AS n;

CREATE TABLE billing.collection_cases (
    case_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    agency_name text NOT NULL,
    amount numeric(12,2) NOT NULL,
    opened_on date NOT NULL,
    recovered numeric(12,2) NOT NULL
);
COMMENT ON TABLE billing.collection_cases IS 'Handed to a debt collector';
INSERT INTO billing.collection_cases (account_id, agency_name, amount, opened_on, recovered)
SELECT 1 + pg_temp.pick('collection_cases.account_id', n, 150),
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    200 + pg_temp.pick('collection_cases.amount', n, 880000) / 100.0,
    date '2015-01-01' + pg_temp.pick('collection_cases.opened_on', n, 3650),
    0 + pg_temp.pick('collection_cases.recovered', n, 20000) / 100.0
FROM generate_series(1, 25) AS n;

CREATE TABLE billing.payment_provider_fees (
    fee_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id int NOT NULL REFERENCES billing.customer_payments,
    provider text NOT NULL CHECK (provider IN ('Stripe', 'Adyen', 'PayPal')),
    fee numeric(12,2) NOT NULL
);
INSERT INTO billing.payment_provider_fees (payment_id, provider, fee)
SELECT 1 + pg_temp.pick('payment_provider_fees.payment_id', n, 420),
    ('{Stripe,Adyen,PayPal}'::text[])[1 + pg_temp.pick('payment_provider_fees.provider', n, 3)],
    1 + pg_temp.pick('payment_provider_fees.fee', n, 8900) / 100.0
FROM generate_series(1, 120) AS n;

CREATE TABLE billing.chargebacks (
    chargeback_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id int NOT NULL REFERENCES billing.customer_payments,
    raised_on date NOT NULL,
    amount numeric(12,2) NOT NULL
);
INSERT INTO billing.chargebacks (payment_id, raised_on, amount)
SELECT 1 + pg_temp.pick('chargebacks.payment_id', n, 420),
    date '2025-01-01' + pg_temp.pick('chargebacks.raised_on', n, 365),
    20 + pg_temp.pick('chargebacks.amount', n, 88000) / 100.0
FROM generate_series(1, 20) AS n;

CREATE TABLE billing.tax_exemptions (
    exemption_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    certificate_number text NOT NULL,
    valid_until date NOT NULL
);
INSERT INTO billing.tax_exemptions (account_id, certificate_number, valid_until)
SELECT 1 + pg_temp.pick('tax_exemptions.account_id', n, 150),
    'Certificate ' || n,
    date '2025-07-01' + pg_temp.pick('tax_exemptions.valid_until', n, 730)
FROM generate_series(1, 15) AS n;

CREATE SCHEMA logistics;
COMMENT ON SCHEMA logistics IS 'Getting goods to customers';

CREATE TABLE logistics.carriers (
    carrier_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('parcel', 'freight', 'courier')),
    tracking_url text NOT NULL
);
INSERT INTO logistics.carriers (name, kind, tracking_url)
SELECT ('{DHL,DPD,PostNord,UPS,Schenker,GLS,Bring,Kuehne}'::text[])[1 + (n - 1) % 8],
    ('{parcel,freight,courier}'::text[])[1 + pg_temp.pick('carriers.kind', n, 3)],
    'Tracking ' || n
FROM generate_series(1, 8) AS n;

CREATE TABLE logistics.service_levels (
    service_level_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carrier_id int NOT NULL REFERENCES logistics.carriers,
    name text NOT NULL CHECK (name IN ('standard', 'express', 'overnight')),
    max_days int NOT NULL
);
INSERT INTO logistics.service_levels (carrier_id, name, max_days)
SELECT 1 + pg_temp.pick('service_levels.carrier_id', n, 8),
    ('{standard,express,overnight}'::text[])[1 + pg_temp.pick('service_levels.name', n, 3)],
    1 + pg_temp.pick('service_levels.max_days', n, 10)
FROM generate_series(1, 12) AS n;

CREATE TABLE logistics.shipments (
    shipment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id int NOT NULL REFERENCES sales.orders,
    carrier_id int NOT NULL REFERENCES logistics.carriers,
    warehouse_id int NOT NULL REFERENCES warehouse.warehouses,
    shipped_at timestamptz NOT NULL,
    delivered_at timestamptz,
    freight_cost numeric(12,2) NOT NULL,
    weight_kg numeric(12,2) NOT NULL
);
COMMENT ON TABLE logistics.shipments IS 'Parcels and pallets on their way to a customer';
INSERT INTO logistics.shipments (order_id, carrier_id, warehouse_id, shipped_at, delivered_at, freight_cost, weight_kg)
SELECT 1 + pg_temp.pick('shipments.order_id', n, 600),
    1 + pg_temp.pick('shipments.carrier_id', n, 8),
    1 + pg_temp.pick('shipments.warehouse_id', n, 5),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('shipments.shipped_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('shipments.delivered_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('shipments.shipped_at', n, 525600) * interval '1 minute' + 1 * interval '1 day' + pg_temp.pick('shipments.delivered_at', n, 11520) * interval '1 minute' END,
    4 + pg_temp.pick('shipments.freight_cost', n, 29600) / 100.0,
    1 + pg_temp.pick('shipments.weight_kg', n, 19900) / 100.0
FROM generate_series(1, 500) AS n;

CREATE TABLE logistics.shipment_items (
    shipment_id int NOT NULL REFERENCES logistics.shipments,
    order_line_id int NOT NULL REFERENCES sales.order_lines,
    quantity int NOT NULL,
    PRIMARY KEY (shipment_id, order_line_id)
);
INSERT INTO logistics.shipment_items (shipment_id, order_line_id, quantity)
SELECT 1 + pg_temp.pick('shipment_items.shipment_id', n, 500),
    1 + pg_temp.pick('shipment_items.order_line_id', n, 1500),
    1 + pg_temp.pick('shipment_items.quantity', n, 12)
FROM generate_series(1, 900) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE logistics.tracking_events (
    tracking_event_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id int NOT NULL REFERENCES logistics.shipments,
    occurred_at timestamptz NOT NULL,
    event text NOT NULL CHECK (event IN ('picked up', 'in hub', 'out for delivery', 'delivered', 'failed attempt')),
    city text NOT NULL
);
INSERT INTO logistics.tracking_events (shipment_id, occurred_at, event, city)
SELECT 1 + pg_temp.pick('tracking_events.shipment_id', n, 500),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('tracking_events.occurred_at', n, 525600) * interval '1 minute',
    ('{picked up,in hub,out for delivery,delivered,failed attempt}'::text[])[1 + pg_temp.pick('tracking_events.event', n, 5)],
    ('{Bergen,Hamburg,Malmö,Ghent,Lyon,Porto,Graz,Leeds,Turin,Gdansk,Oslo,Utrecht}'::text[])[1 + pg_temp.pick('tracking_events.city', n, 12)]
FROM generate_series(1, 900) AS n;

CREATE TABLE logistics.delivery_complaints (
    complaint_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id int NOT NULL REFERENCES logistics.shipments,
    reason text NOT NULL CHECK (reason IN ('late', 'lost', 'damaged', 'wrong address')),
    raised_on date NOT NULL,
    compensation numeric(12,2) NOT NULL
);
INSERT INTO logistics.delivery_complaints (shipment_id, reason, raised_on, compensation)
SELECT 1 + pg_temp.pick('delivery_complaints.shipment_id', n, 500),
    ('{late,lost,damaged,wrong address}'::text[])[1 + pg_temp.pick('delivery_complaints.reason', n, 4)],
    date '2025-01-01' + pg_temp.pick('delivery_complaints.raised_on', n, 365),
    5 + pg_temp.pick('delivery_complaints.compensation', n, 19500) / 100.0
FROM generate_series(1, 50) AS n;

CREATE TABLE logistics.freight_rates (
    freight_rate_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carrier_id int NOT NULL REFERENCES logistics.carriers,
    country_id int NOT NULL REFERENCES core.countries,
    max_weight_kg int NOT NULL,
    price numeric(12,2) NOT NULL
);
INSERT INTO logistics.freight_rates (carrier_id, country_id, max_weight_kg, price)
SELECT 1 + pg_temp.pick('freight_rates.carrier_id', n, 8),
    1 + pg_temp.pick('freight_rates.country_id', n, 20),
    5 + pg_temp.pick('freight_rates.max_weight_kg', n, 496),
    4 + pg_temp.pick('freight_rates.price', n, 39600) / 100.0
FROM generate_series(1, 80) AS n;

CREATE TABLE logistics.vehicles (
    vehicle_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    license_plate text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('van', 'truck', 'cargo bike')),
    bought_on date NOT NULL,
    payload_kg int NOT NULL
);
COMMENT ON TABLE logistics.vehicles IS 'Our own vans and trucks';
INSERT INTO logistics.vehicles (license_plate, kind, bought_on, payload_kg)
SELECT 'License ' || n,
    ('{van,truck,cargo bike}'::text[])[1 + pg_temp.pick('vehicles.kind', n, 3)],
    date '2015-01-01' + pg_temp.pick('vehicles.bought_on', n, 3650),
    100 + pg_temp.pick('vehicles.payload_kg', n, 8901)
FROM generate_series(1, 18) AS n;

CREATE TABLE logistics.drivers (
    driver_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    licence_class text NOT NULL CHECK (licence_class IN ('B', 'C', 'CE')),
    licence_expires_on date NOT NULL
);
INSERT INTO logistics.drivers (employee_id, licence_class, licence_expires_on)
SELECT 1 + pg_temp.pick('drivers.employee_id', n, 160),
    ('{B,C,CE}'::text[])[1 + pg_temp.pick('drivers.licence_class', n, 3)],
    date '2025-07-01' + pg_temp.pick('drivers.licence_expires_on', n, 730)
FROM generate_series(1, 22) AS n;

CREATE TABLE logistics.tours (
    tour_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id int NOT NULL REFERENCES logistics.vehicles,
    driver_id int NOT NULL REFERENCES logistics.drivers,
    tour_date date NOT NULL,
    distance_km int NOT NULL,
    co2_kg numeric(12,2) NOT NULL
);
COMMENT ON TABLE logistics.tours IS 'Delivery rounds of our own vehicles';
INSERT INTO logistics.tours (vehicle_id, driver_id, tour_date, distance_km, co2_kg)
SELECT 1 + pg_temp.pick('tours.vehicle_id', n, 18),
    1 + pg_temp.pick('tours.driver_id', n, 22),
    date '2025-01-01' + pg_temp.pick('tours.tour_date', n, 365),
    20 + pg_temp.pick('tours.distance_km', n, 401),
    2 + pg_temp.pick('tours.co2_kg', n, 19800) / 100.0
FROM generate_series(1, 150) AS n;

CREATE TABLE logistics.tour_stops (
    stop_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tour_id int NOT NULL REFERENCES logistics.tours,
    shipment_id int REFERENCES logistics.shipments,
    sequence_no int NOT NULL,
    address_id int NOT NULL REFERENCES core.addresses,
    arrived_at timestamptz NOT NULL
);
INSERT INTO logistics.tour_stops (tour_id, shipment_id, sequence_no, address_id, arrived_at)
SELECT 1 + pg_temp.pick('tour_stops.tour_id', n, 150),
    CASE WHEN pg_temp.pick('tour_stops.shipment_id?', n, 4) > 0 THEN 1 + pg_temp.pick('tour_stops.shipment_id', n, 500) END,
    1 + pg_temp.pick('tour_stops.sequence_no', n, 20),
    1 + pg_temp.pick('tour_stops.address_id', n, 400),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('tour_stops.arrived_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 500) AS n;

CREATE TABLE logistics.fuel_purchases (
    fuel_purchase_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id int NOT NULL REFERENCES logistics.vehicles,
    bought_on date NOT NULL,
    litres numeric(12,2) NOT NULL,
    amount numeric(12,2) NOT NULL
);
INSERT INTO logistics.fuel_purchases (vehicle_id, bought_on, litres, amount)
SELECT 1 + pg_temp.pick('fuel_purchases.vehicle_id', n, 18),
    date '2015-01-01' + pg_temp.pick('fuel_purchases.bought_on', n, 3650),
    20 + pg_temp.pick('fuel_purchases.litres', n, 28000) / 100.0,
    30 + pg_temp.pick('fuel_purchases.amount', n, 47000) / 100.0
FROM generate_series(1, 150) AS n;

CREATE TABLE logistics.vehicle_inspections (
    vehicle_inspection_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id int NOT NULL REFERENCES logistics.vehicles,
    inspected_on date NOT NULL,
    passed boolean NOT NULL
);
INSERT INTO logistics.vehicle_inspections (vehicle_id, inspected_on, passed)
SELECT 1 + pg_temp.pick('vehicle_inspections.vehicle_id', n, 18),
    date '2025-01-01' + pg_temp.pick('vehicle_inspections.inspected_on', n, 365),
    pg_temp.pick('vehicle_inspections.passed', n, 4) > 0
FROM generate_series(1, 40) AS n;

CREATE TABLE logistics.customs_declarations (
    declaration_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id int NOT NULL REFERENCES logistics.shipments,
    declared_value numeric(12,2) NOT NULL,
    cleared_on date,
    country_id int NOT NULL REFERENCES core.countries
);
INSERT INTO logistics.customs_declarations (shipment_id, declared_value, cleared_on, country_id)
SELECT 1 + pg_temp.pick('customs_declarations.shipment_id', n, 500),
    50 + pg_temp.pick('customs_declarations.declared_value', n, 895000) / 100.0,
    CASE WHEN pg_temp.pick('customs_declarations.cleared_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('customs_declarations.cleared_on', n, 365) END,
    1 + pg_temp.pick('customs_declarations.country_id', n, 20)
FROM generate_series(1, 60) AS n;

CREATE TABLE logistics.containers (
    container_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    container_number text NOT NULL,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    departed_on date NOT NULL,
    arrived_on date
);
COMMENT ON TABLE logistics.containers IS 'Sea freight from Asia';
INSERT INTO logistics.containers (container_number, supplier_id, departed_on, arrived_on)
SELECT 'Container ' || n,
    1 + pg_temp.pick('containers.supplier_id', n, 60),
    date '2025-01-01' + pg_temp.pick('containers.departed_on', n, 365),
    CASE WHEN pg_temp.pick('containers.arrived_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('containers.departed_on', n, 365) + 25 + pg_temp.pick('containers.arrived_on', n, 25) END
FROM generate_series(1, 30) AS n;

CREATE TABLE logistics.ports (
    port_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    country_id int NOT NULL REFERENCES core.countries
);
INSERT INTO logistics.ports (name, country_id)
SELECT ('{Shanghai,Kaohsiung,Rotterdam,Hamburg,Gdansk,Oslo,Porto,Felixstowe,Busan,Antwerp}'::text[])[1 + (n - 1) % 10],
    1 + pg_temp.pick('ports.country_id', n, 20)
FROM generate_series(1, 10) AS n;

CREATE TABLE logistics.sea_voyages (
    voyage_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    container_id int NOT NULL REFERENCES logistics.containers,
    origin_port_id int NOT NULL REFERENCES logistics.ports,
    destination_port_id int NOT NULL REFERENCES logistics.ports,
    vessel_name text NOT NULL
);
INSERT INTO logistics.sea_voyages (container_id, origin_port_id, destination_port_id, vessel_name)
SELECT 1 + pg_temp.pick('sea_voyages.container_id', n, 30),
    1 + pg_temp.pick('sea_voyages.origin_port_id', n, 10),
    1 + pg_temp.pick('sea_voyages.destination_port_id', n, 10),
    'Vessel ' || n
FROM generate_series(1, 25) AS n;

CREATE TABLE logistics.return_labels (
    return_label_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    return_id int NOT NULL REFERENCES sales.returns,
    carrier_id int NOT NULL REFERENCES logistics.carriers,
    printed_at timestamptz NOT NULL
);
INSERT INTO logistics.return_labels (return_id, carrier_id, printed_at)
SELECT 1 + pg_temp.pick('return_labels.return_id', n, 120),
    1 + pg_temp.pick('return_labels.carrier_id', n, 8),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('return_labels.printed_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 80) AS n;

CREATE TABLE logistics.pallets (
    pallet_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id int REFERENCES logistics.shipments,
    kind text NOT NULL CHECK (kind IN ('EUR', 'half', 'one-way'))
);
INSERT INTO logistics.pallets (shipment_id, kind)
SELECT CASE WHEN pg_temp.pick('pallets.shipment_id?', n, 4) > 0 THEN 1 + pg_temp.pick('pallets.shipment_id', n, 500) END,
    ('{EUR,half,one-way}'::text[])[1 + pg_temp.pick('pallets.kind', n, 3)]
FROM generate_series(1, 100) AS n;

CREATE SCHEMA support;
COMMENT ON SCHEMA support IS 'After the sale';

CREATE TABLE support.agents (
    agent_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    tier int NOT NULL,
    speaks_language_id int NOT NULL REFERENCES core.languages
);
COMMENT ON TABLE support.agents IS 'Members of the service desk';
INSERT INTO support.agents (employee_id, tier, speaks_language_id)
SELECT 1 + pg_temp.pick('agents.employee_id', n, 160),
    1 + pg_temp.pick('agents.tier', n, 3),
    1 + pg_temp.pick('agents.speaks_language_id', n, 8)
FROM generate_series(1, 18) AS n;

CREATE TABLE support.queues (
    queue_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO support.queues (name)
SELECT ('{warranty,delivery,billing,technical,dealer}'::text[])[1 + (n - 1) % 5]
FROM generate_series(1, 5) AS n;

CREATE TYPE support.ticket_priority AS ENUM ('low', 'normal', 'high', 'urgent');

CREATE TABLE support.tickets (
    ticket_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id int NOT NULL REFERENCES crm.contacts,
    queue_id int NOT NULL REFERENCES support.queues,
    agent_id int REFERENCES support.agents,
    product_id int REFERENCES product.products,
    subject text NOT NULL,
    priority support.ticket_priority NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'waiting', 'solved', 'closed')),
    opened_at timestamptz NOT NULL,
    first_reply_at timestamptz,
    closed_at timestamptz
);
COMMENT ON TABLE support.tickets IS 'Requests and complaints of customers';
INSERT INTO support.tickets (contact_id, queue_id, agent_id, product_id, subject, priority, status, opened_at, first_reply_at, closed_at)
SELECT 1 + pg_temp.pick('tickets.contact_id', n, 300),
    1 + pg_temp.pick('tickets.queue_id', n, 5),
    CASE WHEN pg_temp.pick('tickets.agent_id?', n, 4) > 0 THEN 1 + pg_temp.pick('tickets.agent_id', n, 18) END,
    CASE WHEN pg_temp.pick('tickets.product_id?', n, 4) > 0 THEN 1 + pg_temp.pick('tickets.product_id', n, 120) END,
    ('{Brake squeals,Battery does not charge,Where is my parcel,Wrong invoice,Paint chipped,Missing manual,App will not pair,Wheel out of true}'::text[])[1 + pg_temp.pick('tickets.subject', n, 8)],
    (('{low,normal,high,urgent}'::text[])[1 + pg_temp.pick('tickets.priority', n, 4)])::support.ticket_priority,
    ('{open,waiting,solved,closed}'::text[])[1 + pg_temp.pick('tickets.status', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('tickets.opened_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('tickets.first_reply_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('tickets.opened_at', n, 525600) * interval '1 minute' + 0 * interval '1 day' + pg_temp.pick('tickets.first_reply_at', n, 5760) * interval '1 minute' END,
    CASE WHEN pg_temp.pick('tickets.closed_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('tickets.opened_at', n, 525600) * interval '1 minute' + 1 * interval '1 day' + pg_temp.pick('tickets.closed_at', n, 41760) * interval '1 minute' END
FROM generate_series(1, 600) AS n;

CREATE TABLE support.ticket_messages (
    message_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id int NOT NULL REFERENCES support.tickets,
    sent_at timestamptz NOT NULL,
    from_customer boolean NOT NULL,
    body text NOT NULL
);
INSERT INTO support.ticket_messages (ticket_id, sent_at, from_customer, body)
SELECT 1 + pg_temp.pick('ticket_messages.ticket_id', n, 600),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('ticket_messages.sent_at', n, 525600) * interval '1 minute',
    pg_temp.pick('ticket_messages.from_customer', n, 4) = 0,
    'Body ' || n
FROM generate_series(1, 900) AS n;

CREATE TABLE support.ticket_tags (
    ticket_id int NOT NULL REFERENCES support.tickets,
    tag text NOT NULL CHECK (tag IN ('brakes', 'battery', 'paint', 'invoice', 'lost parcel', 'manual')),
    PRIMARY KEY (ticket_id)
);
INSERT INTO support.ticket_tags (ticket_id, tag)
SELECT 1 + pg_temp.pick('ticket_tags.ticket_id', n, 600),
    ('{brakes,battery,paint,invoice,lost parcel,manual}'::text[])[1 + pg_temp.pick('ticket_tags.tag', n, 6)]
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE support.satisfaction_ratings (
    rating_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id int NOT NULL REFERENCES support.tickets,
    stars int NOT NULL,
    remark text,
    rated_on date NOT NULL
);
COMMENT ON TABLE support.satisfaction_ratings IS 'What customers thought of our help';
INSERT INTO support.satisfaction_ratings (ticket_id, stars, remark, rated_on)
SELECT 1 + pg_temp.pick('satisfaction_ratings.ticket_id', n, 600),
    1 + pg_temp.pick('satisfaction_ratings.stars', n, 5),
    CASE WHEN pg_temp.pick('satisfaction_ratings.remark?', n, 4) > 0 THEN 'Remark ' || n END,
    date '2025-01-01' + pg_temp.pick('satisfaction_ratings.rated_on', n, 365)
FROM generate_series(1, 240) AS n;

CREATE TABLE support.service_orders (
    service_order_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    product_id int NOT NULL REFERENCES product.products,
    received_on date NOT NULL,
    completed_on date,
    labour_minutes int NOT NULL,
    is_warranty boolean NOT NULL
);
COMMENT ON TABLE support.service_orders IS 'Repairs in the workshop';
INSERT INTO support.service_orders (account_id, product_id, received_on, completed_on, labour_minutes, is_warranty)
SELECT 1 + pg_temp.pick('service_orders.account_id', n, 150),
    1 + pg_temp.pick('service_orders.product_id', n, 120),
    date '2025-01-01' + pg_temp.pick('service_orders.received_on', n, 365),
    CASE WHEN pg_temp.pick('service_orders.completed_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('service_orders.completed_on', n, 365) END,
    15 + pg_temp.pick('service_orders.labour_minutes', n, 386),
    pg_temp.pick('service_orders.is_warranty', n, 4) = 0
FROM generate_series(1, 160) AS n;

CREATE TABLE support.service_order_parts (
    service_order_id int NOT NULL REFERENCES support.service_orders,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    PRIMARY KEY (service_order_id, part_id)
);
INSERT INTO support.service_order_parts (service_order_id, part_id, quantity, unit_price)
SELECT 1 + pg_temp.pick('service_order_parts.service_order_id', n, 160),
    1 + pg_temp.pick('service_order_parts.part_id', n, 200),
    1 + pg_temp.pick('service_order_parts.quantity', n, 4),
    2 + pg_temp.pick('service_order_parts.unit_price', n, 19800) / 100.0
FROM generate_series(1, 240) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE support.warranty_claims (
    claim_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id int NOT NULL REFERENCES product.product_variants,
    filed_on date NOT NULL,
    decision text NOT NULL CHECK (decision IN ('accepted', 'rejected', 'pending')),
    repair_cost numeric(12,2) NOT NULL
);
INSERT INTO support.warranty_claims (variant_id, filed_on, decision, repair_cost)
SELECT 1 + pg_temp.pick('warranty_claims.variant_id', n, 300),
    date '2025-01-01' + pg_temp.pick('warranty_claims.filed_on', n, 365),
    ('{accepted,rejected,pending}'::text[])[1 + pg_temp.pick('warranty_claims.decision', n, 3)],
    10 + pg_temp.pick('warranty_claims.repair_cost', n, 89000) / 100.0
FROM generate_series(1, 120) AS n;

CREATE TABLE support.knowledge_articles (
    article_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    author_id int NOT NULL REFERENCES hr.employees,
    published_on date NOT NULL,
    views int NOT NULL
);
COMMENT ON TABLE support.knowledge_articles IS 'Help pages';
INSERT INTO support.knowledge_articles (title, author_id, published_on, views)
SELECT 'Knowledge article ' || n,
    1 + pg_temp.pick('knowledge_articles.author_id', n, 160),
    date '2025-01-01' + pg_temp.pick('knowledge_articles.published_on', n, 365),
    10 + pg_temp.pick('knowledge_articles.views', n, 8991)
FROM generate_series(1, 60) AS n;

CREATE TABLE support.article_feedback (
    feedback_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id int NOT NULL REFERENCES support.knowledge_articles,
    helpful boolean NOT NULL,
    given_on date NOT NULL
);
INSERT INTO support.article_feedback (article_id, helpful, given_on)
SELECT 1 + pg_temp.pick('article_feedback.article_id', n, 60),
    pg_temp.pick('article_feedback.helpful', n, 4) = 0,
    date '2025-01-01' + pg_temp.pick('article_feedback.given_on', n, 365)
FROM generate_series(1, 200) AS n;

CREATE TABLE support.phone_calls (
    call_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id int NOT NULL REFERENCES support.agents,
    started_at timestamptz NOT NULL,
    wait_seconds int NOT NULL,
    talk_seconds int NOT NULL,
    abandoned boolean NOT NULL
);
COMMENT ON TABLE support.phone_calls IS 'Calls to the hotline';
INSERT INTO support.phone_calls (agent_id, started_at, wait_seconds, talk_seconds, abandoned)
SELECT 1 + pg_temp.pick('phone_calls.agent_id', n, 18),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('phone_calls.started_at', n, 525600) * interval '1 minute',
    2 + pg_temp.pick('phone_calls.wait_seconds', n, 899),
    20 + pg_temp.pick('phone_calls.talk_seconds', n, 1781),
    pg_temp.pick('phone_calls.abandoned', n, 4) = 0
FROM generate_series(1, 300) AS n;

CREATE TABLE support.chat_sessions (
    chat_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id int REFERENCES support.agents,
    started_at timestamptz NOT NULL,
    messages int NOT NULL,
    resolved boolean NOT NULL
);
INSERT INTO support.chat_sessions (agent_id, started_at, messages, resolved)
SELECT CASE WHEN pg_temp.pick('chat_sessions.agent_id?', n, 4) > 0 THEN 1 + pg_temp.pick('chat_sessions.agent_id', n, 18) END,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('chat_sessions.started_at', n, 525600) * interval '1 minute',
    2 + pg_temp.pick('chat_sessions.messages', n, 59),
    pg_temp.pick('chat_sessions.resolved', n, 4) > 0
FROM generate_series(1, 200) AS n;

CREATE TABLE support.escalations (
    escalation_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id int NOT NULL REFERENCES support.tickets,
    escalated_to int NOT NULL REFERENCES hr.employees,
    escalated_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('overdue', 'angry customer', 'legal', 'safety'))
);
INSERT INTO support.escalations (ticket_id, escalated_to, escalated_at, reason)
SELECT 1 + pg_temp.pick('escalations.ticket_id', n, 600),
    1 + pg_temp.pick('escalations.escalated_to', n, 160),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('escalations.escalated_at', n, 525600) * interval '1 minute',
    ('{overdue,angry customer,legal,safety}'::text[])[1 + pg_temp.pick('escalations.reason', n, 4)]
FROM generate_series(1, 50) AS n;

CREATE TABLE support.sla_policies (
    policy_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    priority text NOT NULL,
    reply_hours int NOT NULL,
    solve_hours int NOT NULL
);
COMMENT ON TABLE support.sla_policies IS 'Promised reply times';
INSERT INTO support.sla_policies (priority, reply_hours, solve_hours)
SELECT ('{low,normal,high,urgent}'::text[])[1 + (n - 1) % 4],
    1 + pg_temp.pick('sla_policies.reply_hours', n, 48),
    8 + pg_temp.pick('sla_policies.solve_hours', n, 233)
FROM generate_series(1, 4) AS n;

CREATE TABLE support.sla_breaches (
    breach_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id int NOT NULL REFERENCES support.tickets,
    policy_id int NOT NULL REFERENCES support.sla_policies,
    minutes_late int NOT NULL
);
INSERT INTO support.sla_breaches (ticket_id, policy_id, minutes_late)
SELECT 1 + pg_temp.pick('sla_breaches.ticket_id', n, 600),
    1 + pg_temp.pick('sla_breaches.policy_id', n, 4),
    5 + pg_temp.pick('sla_breaches.minutes_late', n, 2996)
FROM generate_series(1, 80) AS n;

CREATE TABLE support.registered_products (
    registration_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id int NOT NULL REFERENCES product.product_variants,
    frame_number text NOT NULL,
    owner_name text NOT NULL,
    registered_on date NOT NULL
);
COMMENT ON TABLE support.registered_products IS 'Bikes whose owner signed up for warranty';
INSERT INTO support.registered_products (variant_id, frame_number, owner_name, registered_on)
SELECT 1 + pg_temp.pick('registered_products.variant_id', n, 300),
    'Frame ' || n,
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('registered_products.owner_name', n, 16)],
    date '2025-01-01' + pg_temp.pick('registered_products.registered_on', n, 365)
FROM generate_series(1, 200) AS n;

CREATE TABLE support.stolen_bikes (
    stolen_bike_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registration_id int NOT NULL REFERENCES support.registered_products,
    reported_on date NOT NULL,
    recovered_on date
);
INSERT INTO support.stolen_bikes (registration_id, reported_on, recovered_on)
SELECT 1 + pg_temp.pick('stolen_bikes.registration_id', n, 200),
    date '2025-01-01' + pg_temp.pick('stolen_bikes.reported_on', n, 365),
    CASE WHEN pg_temp.pick('stolen_bikes.recovered_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('stolen_bikes.recovered_on', n, 365) END
FROM generate_series(1, 20) AS n;

CREATE TABLE support.spare_part_requests (
    spare_request_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES crm.accounts,
    part_id int NOT NULL REFERENCES procurement.parts,
    quantity int NOT NULL,
    requested_on date NOT NULL
);
INSERT INTO support.spare_part_requests (account_id, part_id, quantity, requested_on)
SELECT 1 + pg_temp.pick('spare_part_requests.account_id', n, 150),
    1 + pg_temp.pick('spare_part_requests.part_id', n, 200),
    1 + pg_temp.pick('spare_part_requests.quantity', n, 9),
    date '2025-01-01' + pg_temp.pick('spare_part_requests.requested_on', n, 365)
FROM generate_series(1, 100) AS n;

CREATE SCHEMA marketing;
COMMENT ON SCHEMA marketing IS 'Campaigns and what they bring';

CREATE TABLE marketing.campaigns (
    campaign_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'social', 'print', 'tv', 'search')),
    budget numeric(12,2) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    owner_id int NOT NULL REFERENCES hr.employees
);
INSERT INTO marketing.campaigns (name, channel, budget, starts_on, ends_on, owner_id)
SELECT ('{Ride to work,Kids on wheels,Electric summer,Gravel season,Helmets on,Winter lights,City without cars,Made to last}'::text[])[1 + pg_temp.pick('campaigns.name', n, 8)],
    ('{email,social,print,tv,search}'::text[])[1 + pg_temp.pick('campaigns.channel', n, 5)],
    500 + pg_temp.pick('campaigns.budget', n, 5950000) / 100.0,
    date '2025-01-01' + pg_temp.pick('campaigns.starts_on', n, 365),
    date '2025-01-01' + pg_temp.pick('campaigns.starts_on', n, 365) + 10 + pg_temp.pick('campaigns.ends_on', n, 50),
    1 + pg_temp.pick('campaigns.owner_id', n, 160)
FROM generate_series(1, 40) AS n;

CREATE TABLE marketing.campaign_costs (
    cost_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id int NOT NULL REFERENCES marketing.campaigns,
    spent_on date NOT NULL,
    amount numeric(12,2) NOT NULL,
    vendor_name text NOT NULL
);
INSERT INTO marketing.campaign_costs (campaign_id, spent_on, amount, vendor_name)
SELECT 1 + pg_temp.pick('campaign_costs.campaign_id', n, 40),
    date '2025-01-01' + pg_temp.pick('campaign_costs.spent_on', n, 365),
    20 + pg_temp.pick('campaign_costs.amount', n, 498000) / 100.0,
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('campaign_costs.vendor_name', n, 18)]
FROM generate_series(1, 160) AS n;

CREATE TABLE marketing.campaign_leads (
    campaign_id int NOT NULL REFERENCES marketing.campaigns,
    lead_id int NOT NULL REFERENCES crm.leads,
    PRIMARY KEY (campaign_id, lead_id)
);
COMMENT ON TABLE marketing.campaign_leads IS 'Which leads came from which campaign';
INSERT INTO marketing.campaign_leads (campaign_id, lead_id)
SELECT 1 + pg_temp.pick('campaign_leads.campaign_id', n, 40),
    1 + pg_temp.pick('campaign_leads.lead_id', n, 200)
FROM generate_series(1, 150) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE marketing.mailing_lists (
    mailing_list_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO marketing.mailing_lists (name)
SELECT 'Mailing list ' || n
FROM generate_series(1, 8) AS n;

CREATE TABLE marketing.list_subscribers (
    mailing_list_id int NOT NULL REFERENCES marketing.mailing_lists,
    contact_id int NOT NULL REFERENCES crm.contacts,
    subscribed_on date NOT NULL,
    unsubscribed_on date,
    PRIMARY KEY (mailing_list_id, contact_id)
);
INSERT INTO marketing.list_subscribers (mailing_list_id, contact_id, subscribed_on, unsubscribed_on)
SELECT 1 + pg_temp.pick('list_subscribers.mailing_list_id', n, 8),
    1 + pg_temp.pick('list_subscribers.contact_id', n, 300),
    date '2025-01-01' + pg_temp.pick('list_subscribers.subscribed_on', n, 365),
    CASE WHEN pg_temp.pick('list_subscribers.unsubscribed_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('list_subscribers.unsubscribed_on', n, 365) END
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE marketing.email_sends (
    send_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id int NOT NULL REFERENCES marketing.campaigns,
    mailing_list_id int NOT NULL REFERENCES marketing.mailing_lists,
    sent_at timestamptz NOT NULL,
    recipients int NOT NULL,
    subject text NOT NULL
);
COMMENT ON TABLE marketing.email_sends IS 'Newsletters that went out';
INSERT INTO marketing.email_sends (campaign_id, mailing_list_id, sent_at, recipients, subject)
SELECT 1 + pg_temp.pick('email_sends.campaign_id', n, 40),
    1 + pg_temp.pick('email_sends.mailing_list_id', n, 8),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('email_sends.sent_at', n, 525600) * interval '1 minute',
    200 + pg_temp.pick('email_sends.recipients', n, 8801),
    'Subject ' || n
FROM generate_series(1, 60) AS n;

CREATE TABLE marketing.email_events (
    email_event_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    send_id int NOT NULL REFERENCES marketing.email_sends,
    contact_id int NOT NULL REFERENCES crm.contacts,
    kind text NOT NULL CHECK (kind IN ('delivered', 'opened', 'clicked', 'bounced')),
    occurred_at timestamptz NOT NULL
);
INSERT INTO marketing.email_events (send_id, contact_id, kind, occurred_at)
SELECT 1 + pg_temp.pick('email_events.send_id', n, 60),
    1 + pg_temp.pick('email_events.contact_id', n, 300),
    ('{delivered,opened,clicked,bounced}'::text[])[1 + pg_temp.pick('email_events.kind', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('email_events.occurred_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 600) AS n;

CREATE TABLE marketing.social_posts (
    post_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    network text NOT NULL CHECK (network IN ('Instagram', 'YouTube', 'Strava', 'TikTok')),
    posted_at timestamptz NOT NULL,
    likes int NOT NULL,
    shares int NOT NULL
);
INSERT INTO marketing.social_posts (network, posted_at, likes, shares)
SELECT ('{Instagram,YouTube,Strava,TikTok}'::text[])[1 + pg_temp.pick('social_posts.network', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('social_posts.posted_at', n, 525600) * interval '1 minute',
    5 + pg_temp.pick('social_posts.likes', n, 8996),
    0 + pg_temp.pick('social_posts.shares', n, 901)
FROM generate_series(1, 120) AS n;

CREATE TABLE marketing.influencers (
    influencer_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handle text NOT NULL,
    followers int NOT NULL,
    fee_per_post numeric(12,2) NOT NULL
);
INSERT INTO marketing.influencers (handle, followers, fee_per_post)
SELECT 'Handle ' || n,
    2000 + pg_temp.pick('influencers.followers', n, 898001),
    100 + pg_temp.pick('influencers.fee_per_post', n, 490000) / 100.0
FROM generate_series(1, 15) AS n;

CREATE TABLE marketing.sponsorships (
    sponsorship_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    beneficiary text NOT NULL,
    amount numeric(12,2) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL
);
COMMENT ON TABLE marketing.sponsorships IS 'Teams and races we pay for';
INSERT INTO marketing.sponsorships (beneficiary, amount, starts_on, ends_on)
SELECT ('{Team Halden,Bergen Cycling Club,Tour of Fjords,Women Gravel Cup,Junior League}'::text[])[1 + pg_temp.pick('sponsorships.beneficiary', n, 5)],
    1000 + pg_temp.pick('sponsorships.amount', n, 8900000) / 100.0,
    date '2025-01-01' + pg_temp.pick('sponsorships.starts_on', n, 365),
    date '2025-01-01' + pg_temp.pick('sponsorships.ends_on', n, 365)
FROM generate_series(1, 20) AS n;

CREATE TABLE marketing.events (
    event_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    starts_on date NOT NULL,
    stand_cost numeric(12,2) NOT NULL
);
COMMENT ON TABLE marketing.events IS 'Trade fairs and test days';
INSERT INTO marketing.events (name, city, starts_on, stand_cost)
SELECT ('{Eurobike,Velo Berlin,Dealer days,Test ride Oslo,Gravel festival}'::text[])[1 + pg_temp.pick('events.name', n, 5)],
    ('{Bergen,Hamburg,Malmö,Ghent,Lyon,Porto,Graz,Leeds,Turin,Gdansk,Oslo,Utrecht}'::text[])[1 + pg_temp.pick('events.city', n, 12)],
    date '2025-01-01' + pg_temp.pick('events.starts_on', n, 365),
    500 + pg_temp.pick('events.stand_cost', n, 2950000) / 100.0
FROM generate_series(1, 20) AS n;

CREATE TABLE marketing.event_attendees (
    attendee_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id int NOT NULL REFERENCES marketing.events,
    full_name text NOT NULL,
    company_name text,
    scanned_at timestamptz NOT NULL
);
INSERT INTO marketing.event_attendees (event_id, full_name, company_name, scanned_at)
SELECT 1 + pg_temp.pick('event_attendees.event_id', n, 20),
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('event_attendees.full_name', n, 16)],
    CASE WHEN pg_temp.pick('event_attendees.company_name?', n, 4) > 0 THEN ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('event_attendees.company_name', n, 18)] END,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('event_attendees.scanned_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 260) AS n;

CREATE TABLE marketing.press_releases (
    press_release_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    published_on date NOT NULL,
    author_id int NOT NULL REFERENCES hr.employees
);
INSERT INTO marketing.press_releases (title, published_on, author_id)
SELECT 'Press release ' || n,
    date '2025-01-01' + pg_temp.pick('press_releases.published_on', n, 365),
    1 + pg_temp.pick('press_releases.author_id', n, 160)
FROM generate_series(1, 20) AS n;

CREATE TABLE marketing.press_mentions (
    mention_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    press_release_id int REFERENCES marketing.press_releases,
    outlet text NOT NULL,
    published_on date NOT NULL,
    sentiment text NOT NULL CHECK (sentiment IN ('positive', 'neutral', 'negative'))
);
INSERT INTO marketing.press_mentions (press_release_id, outlet, published_on, sentiment)
SELECT CASE WHEN pg_temp.pick('press_mentions.press_release_id?', n, 4) > 0 THEN 1 + pg_temp.pick('press_mentions.press_release_id', n, 20) END,
    ('{Cycling Weekly,Bikerumor,Velo,Tour Magazin,The Guardian,Aftenposten}'::text[])[1 + pg_temp.pick('press_mentions.outlet', n, 6)],
    date '2025-01-01' + pg_temp.pick('press_mentions.published_on', n, 365),
    ('{positive,neutral,negative}'::text[])[1 + pg_temp.pick('press_mentions.sentiment', n, 3)]
FROM generate_series(1, 80) AS n;

CREATE TABLE marketing.surveys (
    survey_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    launched_on date NOT NULL
);
INSERT INTO marketing.surveys (title, launched_on)
SELECT 'Survey ' || n,
    date '2015-01-01' + pg_temp.pick('surveys.launched_on', n, 3650)
FROM generate_series(1, 6) AS n;

CREATE TABLE marketing.survey_answers (
    answer_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    survey_id int NOT NULL REFERENCES marketing.surveys,
    contact_id int REFERENCES crm.contacts,
    recommend_score int NOT NULL,
    answered_on date NOT NULL
);
COMMENT ON COLUMN marketing.survey_answers.recommend_score IS '0 to 10: would you recommend us?';
INSERT INTO marketing.survey_answers (survey_id, contact_id, recommend_score, answered_on)
SELECT 1 + pg_temp.pick('survey_answers.survey_id', n, 6),
    CASE WHEN pg_temp.pick('survey_answers.contact_id?', n, 4) > 0 THEN 1 + pg_temp.pick('survey_answers.contact_id', n, 300) END,
    0 + pg_temp.pick('survey_answers.recommend_score', n, 12),
    date '2025-01-01' + pg_temp.pick('survey_answers.answered_on', n, 365)
FROM generate_series(1, 300) AS n;

CREATE TABLE marketing.coupons (
    coupon_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    campaign_id int REFERENCES marketing.campaigns,
    percent_off int NOT NULL,
    expires_on date NOT NULL
);
COMMENT ON TABLE marketing.coupons IS 'Voucher codes';
INSERT INTO marketing.coupons (code, campaign_id, percent_off, expires_on)
SELECT 'Code ' || n,
    CASE WHEN pg_temp.pick('coupons.campaign_id?', n, 4) > 0 THEN 1 + pg_temp.pick('coupons.campaign_id', n, 40) END,
    5 + pg_temp.pick('coupons.percent_off', n, 26),
    date '2025-07-01' + pg_temp.pick('coupons.expires_on', n, 730)
FROM generate_series(1, 30) AS n;

CREATE TABLE marketing.coupon_redemptions (
    coupon_id int NOT NULL REFERENCES marketing.coupons,
    order_id int NOT NULL REFERENCES sales.orders,
    redeemed_at timestamptz NOT NULL,
    PRIMARY KEY (coupon_id, order_id)
);
INSERT INTO marketing.coupon_redemptions (coupon_id, order_id, redeemed_at)
SELECT 1 + pg_temp.pick('coupon_redemptions.coupon_id', n, 30),
    1 + pg_temp.pick('coupon_redemptions.order_id', n, 600),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('coupon_redemptions.redeemed_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 150) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE marketing.brand_assets (
    asset_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('logo', 'photo', 'video')),
    brand_id int NOT NULL REFERENCES product.brands
);
INSERT INTO marketing.brand_assets (name, kind, brand_id)
SELECT 'Brand asset ' || n,
    ('{logo,photo,video}'::text[])[1 + pg_temp.pick('brand_assets.kind', n, 3)],
    1 + pg_temp.pick('brand_assets.brand_id', n, 4)
FROM generate_series(1, 40) AS n;

CREATE TABLE marketing.print_ads (
    print_ad_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    magazine text NOT NULL,
    issue_month date NOT NULL,
    cost numeric(12,2) NOT NULL,
    campaign_id int NOT NULL REFERENCES marketing.campaigns
);
INSERT INTO marketing.print_ads (magazine, issue_month, cost, campaign_id)
SELECT ('{Cycling Weekly,Bikerumor,Velo,Tour Magazin,The Guardian,Aftenposten}'::text[])[1 + pg_temp.pick('print_ads.magazine', n, 6)],
    (date '2025-01-01' + pg_temp.pick('print_ads.issue_month', n, 12) * interval '1 month')::date,
    300 + pg_temp.pick('print_ads.cost', n, 870000) / 100.0,
    1 + pg_temp.pick('print_ads.campaign_id', n, 40)
FROM generate_series(1, 25) AS n;

CREATE SCHEMA web;
COMMENT ON SCHEMA web IS 'The web shop and its traffic';

CREATE TABLE web.user_accounts (
    user_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    display_name text NOT NULL,
    registered_at timestamptz NOT NULL,
    last_login_at timestamptz,
    country_id int NOT NULL REFERENCES core.countries,
    newsletter boolean NOT NULL
);
COMMENT ON TABLE web.user_accounts IS 'Logins of the web shop';
INSERT INTO web.user_accounts (email, display_name, registered_at, last_login_at, country_id, newsletter)
SELECT 'person' || n || '@mail.example',
    ('{Anna Berg,Bjorn Costa,Clara Dahl,David Ek,Eva Fischer,Felix Garcia,Greta Hansen,Henrik Ivarsson,Ida Jansen,Jonas Kowalski,Karin Larsen,Lukas Moreau,Maria Nowak,Nora Olsen,Oskar Peters,Paula Rossi}'::text[])[1 + pg_temp.pick('user_accounts.display_name', n, 16)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('user_accounts.registered_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('user_accounts.last_login_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('user_accounts.last_login_at', n, 525600) * interval '1 minute' END,
    1 + pg_temp.pick('user_accounts.country_id', n, 20),
    pg_temp.pick('user_accounts.newsletter', n, 4) = 0
FROM generate_series(1, 250) AS n;

CREATE TABLE web.sessions (
    session_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int REFERENCES web.user_accounts,
    started_at timestamptz NOT NULL,
    device text NOT NULL CHECK (device IN ('desktop', 'mobile', 'tablet')),
    referrer text NOT NULL CHECK (referrer IN ('google', 'direct', 'newsletter', 'instagram', 'partner')),
    page_count int NOT NULL,
    bounced boolean NOT NULL
);
COMMENT ON TABLE web.sessions IS 'Visits to the site';
INSERT INTO web.sessions (user_id, started_at, device, referrer, page_count, bounced)
SELECT CASE WHEN pg_temp.pick('sessions.user_id?', n, 4) > 0 THEN 1 + pg_temp.pick('sessions.user_id', n, 250) END,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('sessions.started_at', n, 525600) * interval '1 minute',
    ('{desktop,mobile,tablet}'::text[])[1 + pg_temp.pick('sessions.device', n, 3)],
    ('{google,direct,newsletter,instagram,partner}'::text[])[1 + pg_temp.pick('sessions.referrer', n, 5)],
    1 + pg_temp.pick('sessions.page_count', n, 40),
    pg_temp.pick('sessions.bounced', n, 4) = 0
FROM generate_series(1, 900) AS n;

CREATE TABLE web.page_views (
    page_view_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id int NOT NULL REFERENCES web.sessions,
    path text NOT NULL,
    viewed_at timestamptz NOT NULL,
    load_ms int NOT NULL
);
INSERT INTO web.page_views (session_id, path, viewed_at, load_ms)
SELECT 1 + pg_temp.pick('page_views.session_id', n, 900),
    ('{/,/bikes,/e-bikes,/sale,/cart,/checkout,/help,/stores,/blog}'::text[])[1 + pg_temp.pick('page_views.path', n, 9)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('page_views.viewed_at', n, 525600) * interval '1 minute',
    80 + pg_temp.pick('page_views.load_ms', n, 3921)
FROM generate_series(1, 1500) AS n;

CREATE TABLE web.searches (
    search_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id int NOT NULL REFERENCES web.sessions,
    phrase text NOT NULL,
    result_count int NOT NULL
);
COMMENT ON TABLE web.searches IS 'What people typed into the search box';
INSERT INTO web.searches (session_id, phrase, result_count)
SELECT 1 + pg_temp.pick('searches.session_id', n, 900),
    ('{gravel bike,helmet,e-bike battery,kids bike,brake pads,lock,rain jacket,gift card,bell,mudguard}'::text[])[1 + pg_temp.pick('searches.phrase', n, 10)],
    0 + pg_temp.pick('searches.result_count', n, 41)
FROM generate_series(1, 300) AS n;

CREATE TABLE web.carts (
    cart_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id int NOT NULL REFERENCES web.sessions,
    created_at timestamptz NOT NULL,
    checked_out_at timestamptz
);
COMMENT ON TABLE web.carts IS 'Shopping baskets';
COMMENT ON COLUMN web.carts.checked_out_at IS 'Null: left behind';
INSERT INTO web.carts (session_id, created_at, checked_out_at)
SELECT 1 + pg_temp.pick('carts.session_id', n, 900),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('carts.created_at', n, 525600) * interval '1 minute',
    CASE WHEN pg_temp.pick('carts.checked_out_at?', n, 4) > 0 THEN timestamptz '2025-01-01 00:00Z' + pg_temp.pick('carts.checked_out_at', n, 525600) * interval '1 minute' END
FROM generate_series(1, 300) AS n;

CREATE TABLE web.cart_items (
    cart_id int NOT NULL REFERENCES web.carts,
    variant_id int NOT NULL REFERENCES product.product_variants,
    quantity int NOT NULL,
    PRIMARY KEY (cart_id, variant_id)
);
INSERT INTO web.cart_items (cart_id, variant_id, quantity)
SELECT 1 + pg_temp.pick('cart_items.cart_id', n, 300),
    1 + pg_temp.pick('cart_items.variant_id', n, 300),
    1 + pg_temp.pick('cart_items.quantity', n, 4)
FROM generate_series(1, 600) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE web.web_orders (
    cart_id int NOT NULL REFERENCES web.carts,
    order_id int NOT NULL REFERENCES sales.orders,
    PRIMARY KEY (cart_id, order_id)
);
COMMENT ON TABLE web.web_orders IS 'Which basket became which order';
INSERT INTO web.web_orders (cart_id, order_id)
SELECT 1 + pg_temp.pick('web_orders.cart_id', n, 300),
    1 + pg_temp.pick('web_orders.order_id', n, 600)
FROM generate_series(1, 150) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE web.product_reviews (
    review_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES product.products,
    user_id int NOT NULL REFERENCES web.user_accounts,
    stars int NOT NULL,
    body text NOT NULL,
    written_on date NOT NULL,
    approved boolean NOT NULL
);
COMMENT ON TABLE web.product_reviews IS 'Stars given in the shop';
INSERT INTO web.product_reviews (product_id, user_id, stars, body, written_on, approved)
SELECT 1 + pg_temp.pick('product_reviews.product_id', n, 120),
    1 + pg_temp.pick('product_reviews.user_id', n, 250),
    1 + pg_temp.pick('product_reviews.stars', n, 5),
    'Body ' || n,
    date '2025-01-01' + pg_temp.pick('product_reviews.written_on', n, 365),
    pg_temp.pick('product_reviews.approved', n, 4) > 0
FROM generate_series(1, 260) AS n;

CREATE TABLE web.wishlists (
    wishlist_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES web.user_accounts,
    name text NOT NULL
);
INSERT INTO web.wishlists (user_id, name)
SELECT 1 + pg_temp.pick('wishlists.user_id', n, 250),
    'Wishlist ' || n
FROM generate_series(1, 60) AS n;

CREATE TABLE web.wishlist_items (
    wishlist_id int NOT NULL REFERENCES web.wishlists,
    variant_id int NOT NULL REFERENCES product.product_variants,
    added_on date NOT NULL,
    PRIMARY KEY (wishlist_id, variant_id)
);
INSERT INTO web.wishlist_items (wishlist_id, variant_id, added_on)
SELECT 1 + pg_temp.pick('wishlist_items.wishlist_id', n, 60),
    1 + pg_temp.pick('wishlist_items.variant_id', n, 300),
    date '2025-01-01' + pg_temp.pick('wishlist_items.added_on', n, 365)
FROM generate_series(1, 200) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE web.ab_tests (
    ab_test_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    started_on date NOT NULL,
    ended_on date
);
INSERT INTO web.ab_tests (name, started_on, ended_on)
SELECT 'Ab test ' || n,
    date '2025-01-01' + pg_temp.pick('ab_tests.started_on', n, 365),
    CASE WHEN pg_temp.pick('ab_tests.ended_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('ab_tests.ended_on', n, 365) END
FROM generate_series(1, 8) AS n;

CREATE TABLE web.ab_assignments (
    ab_test_id int NOT NULL REFERENCES web.ab_tests,
    session_id int NOT NULL REFERENCES web.sessions,
    variant text NOT NULL CHECK (variant IN ('A', 'B')),
    converted boolean NOT NULL,
    PRIMARY KEY (ab_test_id, session_id)
);
INSERT INTO web.ab_assignments (ab_test_id, session_id, variant, converted)
SELECT 1 + pg_temp.pick('ab_assignments.ab_test_id', n, 8),
    1 + pg_temp.pick('ab_assignments.session_id', n, 900),
    ('{A,B}'::text[])[1 + pg_temp.pick('ab_assignments.variant', n, 2)],
    pg_temp.pick('ab_assignments.converted', n, 4) = 0
FROM generate_series(1, 400) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE web.banners (
    banner_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    campaign_id int REFERENCES marketing.campaigns,
    starts_on date NOT NULL
);
INSERT INTO web.banners (title, campaign_id, starts_on)
SELECT 'Banner ' || n,
    CASE WHEN pg_temp.pick('banners.campaign_id?', n, 4) > 0 THEN 1 + pg_temp.pick('banners.campaign_id', n, 40) END,
    date '2025-01-01' + pg_temp.pick('banners.starts_on', n, 365)
FROM generate_series(1, 15) AS n;

CREATE TABLE web.banner_clicks (
    click_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    banner_id int NOT NULL REFERENCES web.banners,
    session_id int NOT NULL REFERENCES web.sessions,
    clicked_at timestamptz NOT NULL
);
INSERT INTO web.banner_clicks (banner_id, session_id, clicked_at)
SELECT 1 + pg_temp.pick('banner_clicks.banner_id', n, 15),
    1 + pg_temp.pick('banner_clicks.session_id', n, 900),
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('banner_clicks.clicked_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 250) AS n;

CREATE TABLE web.error_log (
    error_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path text NOT NULL,
    status_code text NOT NULL CHECK (status_code IN ('404', '500', '503', '403')),
    occurred_at timestamptz NOT NULL
);
INSERT INTO web.error_log (path, status_code, occurred_at)
SELECT ('{/,/bikes,/e-bikes,/sale,/cart,/checkout,/help,/stores,/blog}'::text[])[1 + pg_temp.pick('error_log.path', n, 9)],
    ('{404,500,503,403}'::text[])[1 + pg_temp.pick('error_log.status_code', n, 4)],
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('error_log.occurred_at', n, 525600) * interval '1 minute'
FROM generate_series(1, 200) AS n;

CREATE TABLE web.redirects (
    redirect_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_path text NOT NULL,
    to_path text NOT NULL
);
INSERT INTO web.redirects (from_path, to_path)
SELECT 'From ' || n,
    ('{/,/bikes,/e-bikes,/sale,/cart,/checkout,/help,/stores,/blog}'::text[])[1 + pg_temp.pick('redirects.to_path', n, 9)]
FROM generate_series(1, 30) AS n;

CREATE TABLE web.cookie_consents (
    cookie_consent_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id int NOT NULL REFERENCES web.sessions,
    analytics boolean NOT NULL,
    marketing boolean NOT NULL
);
INSERT INTO web.cookie_consents (session_id, analytics, marketing)
SELECT 1 + pg_temp.pick('cookie_consents.session_id', n, 900),
    pg_temp.pick('cookie_consents.analytics', n, 4) = 0,
    pg_temp.pick('cookie_consents.marketing', n, 4) = 0
FROM generate_series(1, 200) AS n;

CREATE TABLE web.blog_posts (
    blog_post_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    author_id int NOT NULL REFERENCES hr.employees,
    published_on date NOT NULL
);
INSERT INTO web.blog_posts (title, author_id, published_on)
SELECT 'Blog post ' || n,
    1 + pg_temp.pick('blog_posts.author_id', n, 160),
    date '2025-01-01' + pg_temp.pick('blog_posts.published_on', n, 365)
FROM generate_series(1, 30) AS n;

CREATE TABLE web.blog_comments (
    comment_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    blog_post_id int NOT NULL REFERENCES web.blog_posts,
    user_id int REFERENCES web.user_accounts,
    body text NOT NULL,
    written_at timestamptz NOT NULL,
    is_spam boolean NOT NULL
);
INSERT INTO web.blog_comments (blog_post_id, user_id, body, written_at, is_spam)
SELECT 1 + pg_temp.pick('blog_comments.blog_post_id', n, 30),
    CASE WHEN pg_temp.pick('blog_comments.user_id?', n, 4) > 0 THEN 1 + pg_temp.pick('blog_comments.user_id', n, 250) END,
    'Body ' || n,
    timestamptz '2025-01-01 00:00Z' + pg_temp.pick('blog_comments.written_at', n, 525600) * interval '1 minute',
    pg_temp.pick('blog_comments.is_spam', n, 4) = 0
FROM generate_series(1, 120) AS n;

CREATE TABLE web.store_locator_queries (
    query_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id int NOT NULL REFERENCES web.sessions,
    city text NOT NULL
);
INSERT INTO web.store_locator_queries (session_id, city)
SELECT 1 + pg_temp.pick('store_locator_queries.session_id', n, 900),
    ('{Bergen,Hamburg,Malmö,Ghent,Lyon,Porto,Graz,Leeds,Turin,Gdansk,Oslo,Utrecht}'::text[])[1 + pg_temp.pick('store_locator_queries.city', n, 12)]
FROM generate_series(1, 100) AS n;

CREATE SCHEMA finance;
COMMENT ON SCHEMA finance IS 'The books';

CREATE TABLE finance.legal_entities (
    entity_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    country_id int NOT NULL REFERENCES core.countries,
    currency_id int NOT NULL REFERENCES core.currencies
);
INSERT INTO finance.legal_entities (name, country_id, currency_id)
SELECT ('{Halden Cycles AS,Halden Deutschland GmbH,Halden Polska,Halden Iberia}'::text[])[1 + (n - 1) % 4],
    1 + pg_temp.pick('legal_entities.country_id', n, 20),
    1 + pg_temp.pick('legal_entities.currency_id', n, 5)
FROM generate_series(1, 4) AS n;

CREATE TABLE finance.ledger_accounts (
    ledger_account_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'revenue', 'expense'))
);
COMMENT ON TABLE finance.ledger_accounts IS 'Chart of accounts; customers are crm.accounts';
INSERT INTO finance.ledger_accounts (number, name, kind)
SELECT 'Number ' || n,
    ('{Cash,Receivables,Inventory,Payables,Share capital,Product revenue,Service revenue,Cost of goods,Wages,Rent,Travel,Advertising,Energy,Interest,Depreciation}'::text[])[1 + pg_temp.pick('ledger_accounts.name', n, 15)],
    ('{asset,liability,equity,revenue,expense}'::text[])[1 + pg_temp.pick('ledger_accounts.kind', n, 5)]
FROM generate_series(1, 60) AS n;

CREATE TABLE finance.cost_centers (
    cost_center_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    department_id int NOT NULL REFERENCES hr.departments
);
INSERT INTO finance.cost_centers (code, name, department_id)
SELECT 'Code ' || n,
    ('{Sales,Finance,Human Resources,Production,Logistics,Purchasing,IT,Marketing,Customer Service,Research,Quality,Legal}'::text[])[1 + (n - 1) % 12],
    1 + pg_temp.pick('cost_centers.department_id', n, 12)
FROM generate_series(1, 20) AS n;

CREATE TABLE finance.fiscal_periods (
    period_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    label text NOT NULL,
    closed boolean NOT NULL
);
INSERT INTO finance.fiscal_periods (label, closed)
SELECT ('{2025-01,2025-02,2025-03,2025-04,2025-05,2025-06,2025-07,2025-08,2025-09,2025-10,2025-11,2025-12}'::text[])[1 + (n - 1) % 12],
    pg_temp.pick('fiscal_periods.closed', n, 4) = 0
FROM generate_series(1, 12) AS n;

CREATE TABLE finance.journal_entries (
    journal_entry_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_id int NOT NULL REFERENCES finance.legal_entities,
    period_id int NOT NULL REFERENCES finance.fiscal_periods,
    posted_on date NOT NULL,
    description text NOT NULL,
    posted_by int NOT NULL REFERENCES hr.employees
);
INSERT INTO finance.journal_entries (entity_id, period_id, posted_on, description, posted_by)
SELECT 1 + pg_temp.pick('journal_entries.entity_id', n, 4),
    1 + pg_temp.pick('journal_entries.period_id', n, 12),
    date '2025-01-01' + pg_temp.pick('journal_entries.posted_on', n, 365),
    'Description ' || n,
    1 + pg_temp.pick('journal_entries.posted_by', n, 160)
FROM generate_series(1, 300) AS n;

CREATE TABLE finance.journal_lines (
    journal_line_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journal_entry_id int NOT NULL REFERENCES finance.journal_entries,
    ledger_account_id int NOT NULL REFERENCES finance.ledger_accounts,
    cost_center_id int REFERENCES finance.cost_centers,
    debit numeric(12,2) NOT NULL,
    credit numeric(12,2) NOT NULL
);
INSERT INTO finance.journal_lines (journal_entry_id, ledger_account_id, cost_center_id, debit, credit)
SELECT 1 + pg_temp.pick('journal_lines.journal_entry_id', n, 300),
    1 + pg_temp.pick('journal_lines.ledger_account_id', n, 60),
    CASE WHEN pg_temp.pick('journal_lines.cost_center_id?', n, 4) > 0 THEN 1 + pg_temp.pick('journal_lines.cost_center_id', n, 20) END,
    0 + pg_temp.pick('journal_lines.debit', n, 900000) / 100.0,
    0 + pg_temp.pick('journal_lines.credit', n, 900000) / 100.0
FROM generate_series(1, 800) AS n;

CREATE TABLE finance.budgets (
    budget_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cost_center_id int NOT NULL REFERENCES finance.cost_centers,
    period_id int NOT NULL REFERENCES finance.fiscal_periods,
    amount numeric(12,2) NOT NULL
);
COMMENT ON TABLE finance.budgets IS 'What a cost centre may spend';
INSERT INTO finance.budgets (cost_center_id, period_id, amount)
SELECT 1 + pg_temp.pick('budgets.cost_center_id', n, 20),
    1 + pg_temp.pick('budgets.period_id', n, 12),
    500 + pg_temp.pick('budgets.amount', n, 8950000) / 100.0
FROM generate_series(1, 200) AS n;

CREATE TABLE finance.supplier_invoices (
    supplier_invoice_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    supplier_id int NOT NULL REFERENCES procurement.suppliers,
    purchase_order_id int REFERENCES procurement.purchase_orders,
    received_on date NOT NULL,
    due_on date NOT NULL,
    total numeric(12,2) NOT NULL,
    paid_on date
);
COMMENT ON TABLE finance.supplier_invoices IS 'What we owe';
INSERT INTO finance.supplier_invoices (supplier_id, purchase_order_id, received_on, due_on, total, paid_on)
SELECT 1 + pg_temp.pick('supplier_invoices.supplier_id', n, 60),
    CASE WHEN pg_temp.pick('supplier_invoices.purchase_order_id?', n, 4) > 0 THEN 1 + pg_temp.pick('supplier_invoices.purchase_order_id', n, 260) END,
    date '2025-01-01' + pg_temp.pick('supplier_invoices.received_on', n, 365),
    date '2025-01-01' + pg_temp.pick('supplier_invoices.received_on', n, 365) + 14 + pg_temp.pick('supplier_invoices.due_on', n, 46),
    50 + pg_temp.pick('supplier_invoices.total', n, 2995000) / 100.0,
    CASE WHEN pg_temp.pick('supplier_invoices.paid_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('supplier_invoices.paid_on', n, 365) END
FROM generate_series(1, 260) AS n;

CREATE TABLE finance.payment_runs (
    payment_run_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_on date NOT NULL,
    approved_by int NOT NULL REFERENCES hr.employees,
    total numeric(12,2) NOT NULL
);
INSERT INTO finance.payment_runs (run_on, approved_by, total)
SELECT date '2025-01-01' + pg_temp.pick('payment_runs.run_on', n, 365),
    1 + pg_temp.pick('payment_runs.approved_by', n, 160),
    1000 + pg_temp.pick('payment_runs.total', n, 8900000) / 100.0
FROM generate_series(1, 24) AS n;

CREATE TABLE finance.bank_accounts (
    bank_account_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_id int NOT NULL REFERENCES finance.legal_entities,
    bank_name text NOT NULL,
    iban text NOT NULL,
    balance numeric(12,2) NOT NULL
);
INSERT INTO finance.bank_accounts (entity_id, bank_name, iban, balance)
SELECT 1 + pg_temp.pick('bank_accounts.entity_id', n, 4),
    ('{Nordea,DNB,Commerzbank,ING}'::text[])[1 + (n - 1) % 4],
    'Iban ' || n,
    1000 + pg_temp.pick('bank_accounts.balance', n, 89900000) / 100.0
FROM generate_series(1, 6) AS n;

CREATE TABLE finance.bank_transactions (
    bank_transaction_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_account_id int NOT NULL REFERENCES finance.bank_accounts,
    booked_on date NOT NULL,
    amount numeric(12,2) NOT NULL,
    counterparty text NOT NULL,
    matched boolean NOT NULL
);
COMMENT ON TABLE finance.bank_transactions IS 'Lines of the bank statements';
INSERT INTO finance.bank_transactions (bank_account_id, booked_on, amount, counterparty, matched)
SELECT 1 + pg_temp.pick('bank_transactions.bank_account_id', n, 6),
    date '2025-01-01' + pg_temp.pick('bank_transactions.booked_on', n, 365),
    10 + pg_temp.pick('bank_transactions.amount', n, 1999000) / 100.0,
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('bank_transactions.counterparty', n, 18)],
    pg_temp.pick('bank_transactions.matched', n, 4) > 0
FROM generate_series(1, 400) AS n;

CREATE TABLE finance.loans (
    loan_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_name text NOT NULL,
    principal numeric(12,2) NOT NULL,
    interest_percent numeric(12,2) NOT NULL,
    matures_on date NOT NULL
);
INSERT INTO finance.loans (bank_name, principal, interest_percent, matures_on)
SELECT ('{Nordea,DNB,Commerzbank,ING}'::text[])[1 + (n - 1) % 4],
    50000 + pg_temp.pick('loans.principal', n, 85000000) / 100.0,
    1 + pg_temp.pick('loans.interest_percent', n, 600) / 100.0,
    date '2025-07-01' + pg_temp.pick('loans.matures_on', n, 730)
FROM generate_series(1, 8) AS n;

CREATE TABLE finance.fixed_assets (
    fixed_asset_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    description text NOT NULL,
    acquired_on date NOT NULL,
    acquisition_cost numeric(12,2) NOT NULL,
    useful_life_years int NOT NULL,
    disposed_on date
);
INSERT INTO finance.fixed_assets (description, acquired_on, acquisition_cost, useful_life_years, disposed_on)
SELECT ('{Delivery van,Laser cutter,Office furniture,Server rack,Paint booth,Forklift}'::text[])[1 + pg_temp.pick('fixed_assets.description', n, 6)],
    date '2015-01-01' + pg_temp.pick('fixed_assets.acquired_on', n, 3650),
    500 + pg_temp.pick('fixed_assets.acquisition_cost', n, 8950000) / 100.0,
    3 + pg_temp.pick('fixed_assets.useful_life_years', n, 13),
    CASE WHEN pg_temp.pick('fixed_assets.disposed_on?', n, 5) = 0 THEN date '2025-01-01' + pg_temp.pick('fixed_assets.disposed_on', n, 365) END
FROM generate_series(1, 80) AS n;

CREATE TABLE finance.depreciations (
    depreciation_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fixed_asset_id int NOT NULL REFERENCES finance.fixed_assets,
    period_id int NOT NULL REFERENCES finance.fiscal_periods,
    amount numeric(12,2) NOT NULL
);
INSERT INTO finance.depreciations (fixed_asset_id, period_id, amount)
SELECT 1 + pg_temp.pick('depreciations.fixed_asset_id', n, 80),
    1 + pg_temp.pick('depreciations.period_id', n, 12),
    5 + pg_temp.pick('depreciations.amount', n, 299500) / 100.0
FROM generate_series(1, 240) AS n;

CREATE TABLE finance.expense_reports (
    expense_report_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    submitted_on date NOT NULL,
    total numeric(12,2) NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'approved', 'rejected', 'reimbursed'))
);
COMMENT ON TABLE finance.expense_reports IS 'Travel and other costs that staff claim back';
INSERT INTO finance.expense_reports (employee_id, submitted_on, total, status)
SELECT 1 + pg_temp.pick('expense_reports.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('expense_reports.submitted_on', n, 365),
    10 + pg_temp.pick('expense_reports.total', n, 249000) / 100.0,
    ('{submitted,approved,rejected,reimbursed}'::text[])[1 + pg_temp.pick('expense_reports.status', n, 4)]
FROM generate_series(1, 150) AS n;

CREATE TABLE finance.expense_items (
    expense_item_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    expense_report_id int NOT NULL REFERENCES finance.expense_reports,
    category text NOT NULL CHECK (category IN ('hotel', 'train', 'flight', 'meal', 'taxi', 'parking')),
    amount numeric(12,2) NOT NULL,
    incurred_on date NOT NULL
);
INSERT INTO finance.expense_items (expense_report_id, category, amount, incurred_on)
SELECT 1 + pg_temp.pick('expense_items.expense_report_id', n, 150),
    ('{hotel,train,flight,meal,taxi,parking}'::text[])[1 + pg_temp.pick('expense_items.category', n, 6)],
    4 + pg_temp.pick('expense_items.amount', n, 89600) / 100.0,
    date '2025-01-01' + pg_temp.pick('expense_items.incurred_on', n, 365)
FROM generate_series(1, 400) AS n;

CREATE TABLE finance.tax_returns (
    tax_return_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_id int NOT NULL REFERENCES finance.legal_entities,
    kind text NOT NULL CHECK (kind IN ('VAT', 'corporate', 'payroll')),
    filed_on date NOT NULL,
    amount_due numeric(12,2) NOT NULL
);
INSERT INTO finance.tax_returns (entity_id, kind, filed_on, amount_due)
SELECT 1 + pg_temp.pick('tax_returns.entity_id', n, 4),
    ('{VAT,corporate,payroll}'::text[])[1 + pg_temp.pick('tax_returns.kind', n, 3)],
    date '2025-01-01' + pg_temp.pick('tax_returns.filed_on', n, 365),
    100 + pg_temp.pick('tax_returns.amount_due', n, 8990000) / 100.0
FROM generate_series(1, 16) AS n;

CREATE TABLE finance.cash_forecasts (
    forecast_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    week_start date NOT NULL,
    inflow numeric(12,2) NOT NULL,
    outflow numeric(12,2) NOT NULL
);
INSERT INTO finance.cash_forecasts (week_start, inflow, outflow)
SELECT date '2025-01-01' + pg_temp.pick('cash_forecasts.week_start', n, 365),
    1000 + pg_temp.pick('cash_forecasts.inflow', n, 8900000) / 100.0,
    1000 + pg_temp.pick('cash_forecasts.outflow', n, 8900000) / 100.0
FROM generate_series(1, 52) AS n;

CREATE TABLE finance.intercompany_loans (
    intercompany_loan_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lender_id int NOT NULL REFERENCES finance.legal_entities,
    borrower_id int NOT NULL REFERENCES finance.legal_entities,
    amount numeric(12,2) NOT NULL
);
INSERT INTO finance.intercompany_loans (lender_id, borrower_id, amount)
SELECT 1 + pg_temp.pick('intercompany_loans.lender_id', n, 4),
    1 + pg_temp.pick('intercompany_loans.borrower_id', n, 4),
    1000 + pg_temp.pick('intercompany_loans.amount', n, 89900000) / 100.0
FROM generate_series(1, 6) AS n;

CREATE TABLE finance.credit_cards (
    card_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id int NOT NULL REFERENCES hr.employees,
    card_limit numeric(12,2) NOT NULL,
    expires_on date NOT NULL
);
INSERT INTO finance.credit_cards (employee_id, card_limit, expires_on)
SELECT 1 + pg_temp.pick('credit_cards.employee_id', n, 160),
    500 + pg_temp.pick('credit_cards.card_limit', n, 850000) / 100.0,
    date '2025-07-01' + pg_temp.pick('credit_cards.expires_on', n, 730)
FROM generate_series(1, 15) AS n;

CREATE SCHEMA legal;
COMMENT ON SCHEMA legal IS 'Contracts, patents, privacy';

CREATE TABLE legal.contracts (
    contract_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    counterparty text NOT NULL,
    signed_on date NOT NULL,
    expires_on date,
    document_type_id int NOT NULL REFERENCES core.document_types,
    owner_id int NOT NULL REFERENCES hr.employees
);
COMMENT ON TABLE legal.contracts IS 'Contracts of any kind, as filed';
INSERT INTO legal.contracts (title, counterparty, signed_on, expires_on, document_type_id, owner_id)
SELECT 'Contract ' || n,
    ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + pg_temp.pick('contracts.counterparty', n, 18)],
    date '2025-01-01' + pg_temp.pick('contracts.signed_on', n, 365),
    CASE WHEN pg_temp.pick('contracts.expires_on?', n, 4) > 0 THEN date '2025-07-01' + pg_temp.pick('contracts.expires_on', n, 730) END,
    1 + pg_temp.pick('contracts.document_type_id', n, 6),
    1 + pg_temp.pick('contracts.owner_id', n, 160)
FROM generate_series(1, 70) AS n;

CREATE TABLE legal.patents (
    patent_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    filed_on date NOT NULL,
    granted_on date,
    country_id int NOT NULL REFERENCES core.countries
);
INSERT INTO legal.patents (title, filed_on, granted_on, country_id)
SELECT ('{Silent freehub,Belt tensioner,Folding cargo bed,Heated grip,Battery latch}'::text[])[1 + (n - 1) % 5],
    date '2025-01-01' + pg_temp.pick('patents.filed_on', n, 365),
    CASE WHEN pg_temp.pick('patents.granted_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('patents.granted_on', n, 365) END,
    1 + pg_temp.pick('patents.country_id', n, 20)
FROM generate_series(1, 15) AS n;

CREATE TABLE legal.patent_inventors (
    patent_id int NOT NULL REFERENCES legal.patents,
    employee_id int NOT NULL REFERENCES hr.employees,
    PRIMARY KEY (patent_id, employee_id)
);
INSERT INTO legal.patent_inventors (patent_id, employee_id)
SELECT 1 + pg_temp.pick('patent_inventors.patent_id', n, 15),
    1 + pg_temp.pick('patent_inventors.employee_id', n, 160)
FROM generate_series(1, 25) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE legal.trademarks (
    trademark_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    registered_on date NOT NULL,
    expires_on date NOT NULL
);
INSERT INTO legal.trademarks (name, registered_on, expires_on)
SELECT ('{Halden,Trollstig,Nordlys,Kvikk}'::text[])[1 + (n - 1) % 4],
    date '2025-01-01' + pg_temp.pick('trademarks.registered_on', n, 365),
    date '2025-07-01' + pg_temp.pick('trademarks.expires_on', n, 730)
FROM generate_series(1, 12) AS n;

CREATE TABLE legal.lawsuits (
    lawsuit_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opponent text NOT NULL,
    filed_on date NOT NULL,
    claim_amount numeric(12,2) NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('pending', 'won', 'lost', 'settled'))
);
INSERT INTO legal.lawsuits (opponent, filed_on, claim_amount, outcome)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    date '2025-01-01' + pg_temp.pick('lawsuits.filed_on', n, 365),
    1000 + pg_temp.pick('lawsuits.claim_amount', n, 39900000) / 100.0,
    ('{pending,won,lost,settled}'::text[])[1 + pg_temp.pick('lawsuits.outcome', n, 4)]
FROM generate_series(1, 10) AS n;

CREATE TABLE legal.privacy_requests (
    privacy_request_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id int REFERENCES crm.contacts,
    kind text NOT NULL CHECK (kind IN ('access', 'erasure', 'rectification')),
    received_on date NOT NULL,
    answered_on date
);
COMMENT ON TABLE legal.privacy_requests IS 'Data subjects who ask to see or erase their data';
INSERT INTO legal.privacy_requests (contact_id, kind, received_on, answered_on)
SELECT CASE WHEN pg_temp.pick('privacy_requests.contact_id?', n, 4) > 0 THEN 1 + pg_temp.pick('privacy_requests.contact_id', n, 300) END,
    ('{access,erasure,rectification}'::text[])[1 + pg_temp.pick('privacy_requests.kind', n, 3)],
    date '2025-01-01' + pg_temp.pick('privacy_requests.received_on', n, 365),
    CASE WHEN pg_temp.pick('privacy_requests.answered_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('privacy_requests.answered_on', n, 365) END
FROM generate_series(1, 40) AS n;

CREATE TABLE legal.data_breaches (
    breach_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system_id int NOT NULL REFERENCES it.systems,
    discovered_on date NOT NULL,
    records_affected int NOT NULL,
    reported boolean NOT NULL
);
INSERT INTO legal.data_breaches (system_id, discovered_on, records_affected, reported)
SELECT 1 + pg_temp.pick('data_breaches.system_id', n, 15),
    date '2025-01-01' + pg_temp.pick('data_breaches.discovered_on', n, 365),
    10 + pg_temp.pick('data_breaches.records_affected', n, 8991),
    pg_temp.pick('data_breaches.reported', n, 4) > 0
FROM generate_series(1, 5) AS n;

CREATE TABLE legal.policies (
    policy_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    version int NOT NULL,
    approved_on date NOT NULL
);
COMMENT ON TABLE legal.policies IS 'Internal rules';
INSERT INTO legal.policies (title, version, approved_on)
SELECT 'Policie ' || n,
    1 + pg_temp.pick('policies.version', n, 6),
    date '2025-01-01' + pg_temp.pick('policies.approved_on', n, 365)
FROM generate_series(1, 20) AS n;

CREATE TABLE legal.policy_acknowledgements (
    policy_id int NOT NULL REFERENCES legal.policies,
    employee_id int NOT NULL REFERENCES hr.employees,
    acknowledged_on date NOT NULL,
    PRIMARY KEY (policy_id, employee_id)
);
COMMENT ON TABLE legal.policy_acknowledgements IS 'Who has confirmed to have read which policy';
INSERT INTO legal.policy_acknowledgements (policy_id, employee_id, acknowledged_on)
SELECT 1 + pg_temp.pick('policy_acknowledgements.policy_id', n, 20),
    1 + pg_temp.pick('policy_acknowledgements.employee_id', n, 160),
    date '2025-01-01' + pg_temp.pick('policy_acknowledgements.acknowledged_on', n, 365)
FROM generate_series(1, 300) AS n
ON CONFLICT DO NOTHING;

CREATE TABLE legal.export_licenses (
    export_license_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    country_id int NOT NULL REFERENCES core.countries,
    product_id int NOT NULL REFERENCES product.products,
    valid_until date NOT NULL
);
INSERT INTO legal.export_licenses (country_id, product_id, valid_until)
SELECT 1 + pg_temp.pick('export_licenses.country_id', n, 20),
    1 + pg_temp.pick('export_licenses.product_id', n, 120),
    date '2025-07-01' + pg_temp.pick('export_licenses.valid_until', n, 730)
FROM generate_series(1, 10) AS n;

CREATE TABLE legal.whistleblower_reports (
    report_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_on date NOT NULL,
    topic text NOT NULL CHECK (topic IN ('corruption', 'safety', 'harassment', 'accounting')),
    closed_on date
);
INSERT INTO legal.whistleblower_reports (received_on, topic, closed_on)
SELECT date '2025-01-01' + pg_temp.pick('whistleblower_reports.received_on', n, 365),
    ('{corruption,safety,harassment,accounting}'::text[])[1 + pg_temp.pick('whistleblower_reports.topic', n, 4)],
    CASE WHEN pg_temp.pick('whistleblower_reports.closed_on?', n, 4) > 0 THEN date '2025-01-01' + pg_temp.pick('whistleblower_reports.closed_on', n, 365) END
FROM generate_series(1, 8) AS n;

CREATE TABLE legal.insurance_claims (
    insurance_claim_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    insurer text NOT NULL,
    claimed_amount numeric(12,2) NOT NULL,
    filed_on date NOT NULL,
    paid_amount numeric(12,2)
);
INSERT INTO legal.insurance_claims (insurer, claimed_amount, filed_on, paid_amount)
SELECT ('{Alpine Sports,Baltic Wheels,Cadence,Delta Gear,Eastside Bikes,Fjord Cycling,Granite Outdoor,Harbour Trading,Iron Works,Juniper Retail,Kite Logistics,Lakeside Rentals,Meridian,Northern Star,Orbit Parts,Pedal & Co,Quarry Steel,Ridge Runners}'::text[])[1 + (n - 1) % 18],
    200 + pg_temp.pick('insurance_claims.claimed_amount', n, 3980000) / 100.0,
    date '2025-01-01' + pg_temp.pick('insurance_claims.filed_on', n, 365),
    CASE WHEN pg_temp.pick('insurance_claims.paid_amount?', n, 4) > 0 THEN 0 + pg_temp.pick('insurance_claims.paid_amount', n, 900000) / 100.0 END
FROM generate_series(1, 15) AS n;

ANALYZE;
COMMIT;
