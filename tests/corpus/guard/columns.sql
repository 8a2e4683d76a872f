-- Views over the columns that columns.jsonl takes for blocked.
CREATE VIEW public.v_contacts AS SELECT id, email FROM public.customers;
CREATE VIEW public.v_contact_names AS SELECT id, lower(email) AS contact FROM public.customers;
CREATE VIEW public.v_contact_rows AS SELECT c AS r FROM public.customers c;
CREATE VIEW public.v_of_view AS SELECT email FROM public.v_contacts;
CREATE VIEW public.v_contact_ids AS SELECT id, country FROM public.customers;
CREATE VIEW public.v_with_filter AS SELECT id FROM public.customers WHERE email > 'd';
CREATE MATERIALIZED VIEW public.mv_contacts AS SELECT id, email FROM public.customers;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO guard_owner;
