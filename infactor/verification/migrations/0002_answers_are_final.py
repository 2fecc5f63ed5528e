"""The database itself refuses to change what was answered, or to delete what somebody was asked."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION verification_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.answered_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what a buyer was asked and answered stays as it is: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER verification_answers_are_final BEFORE UPDATE OR DELETE ON verification_verification
    FOR EACH ROW EXECUTE FUNCTION verification_refuse();
"""
BACKWARDS = """
DROP TRIGGER verification_answers_are_final ON verification_verification;
DROP FUNCTION verification_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("verification", "0001_verification")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
