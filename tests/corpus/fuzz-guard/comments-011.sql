-- DROP TABLE users;
SELECT count(*) FROM customers