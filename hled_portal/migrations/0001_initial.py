import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import uuid

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from hled_portal.migration_operations import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('axes', '0010_accessattemptexpiration'),
    ]

    operations = together([
        migrations.CreateModel(
            name='AttemptCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(default=0)),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': 'attempt count',
                'verbose_name_plural': 'attempt counts',
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30, verbose_name="type")),
                ('name', models.CharField(max_length=200, verbose_name="record")),
                ('detail', models.CharField(blank=True, max_length=100, verbose_name="detail")),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name="date and time")),
                ('listed_at', models.DateTimeField(null=True, verbose_name="listed on")),
            ],
            options={
                'verbose_name': "removal",
                'verbose_name_plural': "removals",
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('listed_at__isnull', True)), fields=['at'], name='removal_unlisted')],
            },
        ),
        migrations.CreateModel(
            name='JobState',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name='job')),
                ('due_at', models.DateTimeField(verbose_name="next run")),
                ('started_at', models.DateTimeField(null=True, verbose_name='last started')),
                ('succeeded_at', models.DateTimeField(null=True, verbose_name='last success')),
                ('failed_at', models.DateTimeField(null=True, verbose_name='last failure')),
                ('error', models.TextField(blank=True, verbose_name='last error')),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('position', models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name='position')),
                ('number', models.PositiveIntegerField(db_index=True, verbose_name='publication number')),
                ('action', models.CharField(choices=[('released', "published"), ('superseded', "replaced"), ('withdrawn', 'withdrawn')], max_length=10, verbose_name='action')),
                ('text', models.CharField(db_index=True, max_length=200, verbose_name='text')),
                ('digest', models.CharField(max_length=64, verbose_name="hash")),
                ('entry', models.TextField(verbose_name='entry')),
                ('hash', models.CharField(max_length=64, unique=True, verbose_name='hash')),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publication log',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('delegation', models.CharField(blank=True, choices=[('US', 'United States'), ('MX', 'Mexico')], max_length=2, verbose_name='delegation')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], default='en', max_length=2, verbose_name='language of messages')),
                ('oidc_subject', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name="identifier for single sign-on")),
                ('audits', models.CharField(blank=True, choices=[('US', 'United States'), ('MX', 'Mexico'), ('joint', 'Both governments')], help_text="For auditors only: the delegation that appointed the auditor, or both.", max_length=5, verbose_name='audits for')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('audits', ''), models.Q(('delegation', ''), ('is_superuser', False)), _connector='OR'), name='auditor_speaks_for_no_delegation', violation_error_message="An auditor cannot belong to a delegation or administer the system."), models.CheckConstraint(condition=models.Q(('is_superuser', False), ('delegation', ''), _connector='OR'), name='superuser_speaks_for_no_delegation', violation_error_message='A superuser cannot belong to a delegation.')],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60, verbose_name='table')),
                ('text_pk', models.PositiveBigIntegerField(verbose_name="record number")),
                ('name', models.CharField(db_index=True, max_length=200, verbose_name='text')),
                ('digest', models.CharField(max_length=64, verbose_name="hash")),
                ('action', models.CharField(choices=[('proposed', 'proposed'), ('keyed', "approval given"), ('taken_back', "approval withdrawn"), ('returned', 'returned with a comment'), ('replaced', 'replaced by a new proposal'), ('planned', "added to a release"), ('unplanned', "removed from a release"), ('released', "published"), ('withdrawn', 'withdrawn'), ('made', "scheduled release"), ('changed', "name, meeting or time changed"), ('agreed', 'agreed to the release'), ('disagreed', "agreement withdrawn"), ('failed', "publication failed"), ('deleted', 'empty release deleted'), ('shared', 'preview link made'), ('unshared', 'preview link revoked'), ('remarked', 'remark left'), ('answered', 'reply to a remark'), ('settled', 'remark closed')], max_length=10, verbose_name='step')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name="date and time")),
                ('delegation', models.CharField(blank=True, choices=[('US', 'United States'), ('MX', 'Mexico')], max_length=2, verbose_name='delegation')),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('plan_pk', models.PositiveBigIntegerField(null=True, verbose_name="scheduled release")),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'step',
                'verbose_name_plural': 'steps',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['table', 'text_pk'], name='step_of_text'), models.Index(fields=['plan_pk'], name='step_of_plan')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=120, verbose_name="event")),
                ('recipient_digest', models.CharField(max_length=64)),
                ('recipient', models.EmailField(blank=True, max_length=254, verbose_name="recipient's address")),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], max_length=2, verbose_name='language')),
                ('subject', models.CharField(blank=True, max_length=200, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('unsubscribe', models.URLField(blank=True, max_length=500, verbose_name="unsubscribe address")),
                ('mass', models.BooleanField(default=False, verbose_name="bulk message")),
                ('message_id', models.CharField(max_length=200, verbose_name='Message-ID')),
                ('queued_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name="queued on")),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name="next attempt")),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('sent_at', models.DateTimeField(null=True, verbose_name="sent on")),
                ('refused_at', models.DateTimeField(null=True, verbose_name="abandoned on")),
                ('error', models.TextField(blank=True, verbose_name='last error')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(condition=models.Q(('refused_at__isnull', True), ('sent_at__isnull', True)), fields=['mass', 'due_at'], name='mail_waiting')],
                'constraints': [models.UniqueConstraint(fields=('event', 'recipient_digest'), name='mail_once_for_event_and_recipient', violation_error_message="A message about this event has already been sent to this address.")],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60, verbose_name='table')),
                ('text_pk', models.PositiveBigIntegerField(verbose_name="record number")),
                ('digest', models.CharField(max_length=64, verbose_name="hash")),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened on")),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to=settings.AUTH_USER_MODEL, verbose_name="approver")),
            ],
            options={
                'verbose_name': "opened text",
                'verbose_name_plural': "opened texts",
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('officer', 'table', 'text_pk'), name='opening_once', violation_error_message="This person has already opened this text.")],
            },
        ),
        migrations.CreateModel(
            name='PublicVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveBigIntegerField(default=0, verbose_name='value')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='counted at')),
            ],
            options={
                'verbose_name': "public version counter",
                'verbose_name_plural': "public version counter",
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_public_version', violation_error_message="There can be only one public version counter.")],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('publication', models.PositiveIntegerField(editable=False, unique=True, verbose_name='publication number')),
                ('public_from', models.DateField(editable=False, verbose_name="current from")),
                ('released_at', models.DateTimeField(editable=False, verbose_name="published on")),
                ('released_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to=settings.AUTH_USER_MODEL, verbose_name="published by")),
            ],
            options={
                'verbose_name': 'release',
                'verbose_name_plural': 'releases',
                'ordering': ['publication'],
            },
        ),
        migrations.CreateModel(
            name='ReleasePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('meeting_key', models.CharField(blank=True, max_length=80, verbose_name='key of the meeting')),
                ('at', models.DateTimeField(blank=True, null=True, verbose_name="publication date and time")),
                ('us_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('mx_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('failed_at', models.DateTimeField(editable=False, null=True, verbose_name="failed on")),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name="created by")),
                ('mx_officer', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agreed for Mexico by')),
                ('release', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='plan', to='hled_portal.release', verbose_name='release')),
                ('us_officer', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agreed for the United States by')),
            ],
            options={
                'verbose_name': "scheduled release",
                'verbose_name_plural': "scheduled releases",
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PendingStepNotification',
            fields=[
                ('step', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='pending_notification', serialize=False, to='hled_portal.step', verbose_name='step')),
            ],
            options={
                'verbose_name': 'pending step notification',
                'verbose_name_plural': 'pending step notifications',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
            ],
            options={
                'verbose_name': 'sign-in',
                'verbose_name_plural': 'sign-ins',
                'ordering': ['-pk'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('axes.accesslog',),
        ),
        migrations.CreateModel(
            name='AccountChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rights', 'delegation, roles or address'), ('password', 'password'), ('second_factor', 'second factor')], max_length=20, verbose_name='change')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='requested on')),
                ('values', models.JSONField(default=dict, verbose_name='new values')),
                ('password', models.CharField(blank=True, max_length=128)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requested_changes', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'requested account change',
                'verbose_name_plural': 'requested account changes',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='one_account_change_of_a_kind', violation_error_message='Such a change has already been requested for this account.'), models.CheckConstraint(condition=models.Q(('user', models.F('requested_by')), _negated=True), name='account_change_for_another', violation_error_message='Nobody requests a change of their own account.')],
            },
        ),
        migrations.CreateModel(
            name='PreviewLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60, verbose_name='table')),
                ('text_pk', models.PositiveBigIntegerField(verbose_name='record number')),
                ('digest', models.CharField(max_length=64, verbose_name='hash')),
                ('secret_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('recipient', models.CharField(max_length=120, verbose_name='recipient')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made on')),
                ('expires_at', models.DateTimeField(verbose_name='expires on')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked on')),
                ('opened', models.PositiveIntegerField(default=0, verbose_name='times opened')),
                ('opened_at', models.DateTimeField(null=True, verbose_name='last opened on')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
            ],
            options={
                'verbose_name': 'preview link',
                'verbose_name_plural': 'preview links',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['table', 'text_pk'], name='preview_link_of_text')],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60, verbose_name='table')),
                ('text_pk', models.PositiveBigIntegerField(verbose_name='record number')),
                ('name', models.CharField(max_length=200, verbose_name='text')),
                ('field', models.CharField(blank=True, max_length=200, verbose_name='field')),
                ('words', models.TextField(max_length=4000, verbose_name='remark')),
                ('delegation', models.CharField(choices=[('US', 'United States'), ('MX', 'Mexico')], max_length=2, verbose_name='delegation')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date and time')),
                ('answer', models.TextField(blank=True, max_length=4000, verbose_name='reply')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='reply date')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed on')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reply by')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
            ],
            options={
                'verbose_name': 'remark',
                'verbose_name_plural': 'remarks',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['table', 'name'], name='remark_of_text')],
            },
        ),
    ])
